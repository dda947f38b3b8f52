package dev.syncline.runtime.internal.turns;

/** Where a thread is, for the log line of a thread that does not end: the frames tell a person whose fault it is. */
public final class Whereabouts {

    private static final int DEEPEST = 12;

    private Whereabouts() {}

    /** Name, state and innermost frames, each on a line of its own. */
    public static String of(Thread thread) {
        var text = new StringBuilder(System.lineSeparator())
                .append("    ")
                .append(thread.getName())
                .append(", ")
                .append(thread.getState());
        var frames = thread.getStackTrace();
        for (int i = 0; i < Math.min(frames.length, DEEPEST); i++) {
            text.append(System.lineSeparator()).append("        at ").append(frames[i]);
        }
        return text.toString();
    }
}
