package dev.syncline.testkit.kill;

import java.util.random.RandomGenerator;

/** What {@link MemberRun} does to the members of a group. */
public enum Disturbance {
    /** One is killed by SIGKILL; another process takes its seat, at once or some time later. */
    KILL_ONE("kills of one"),
    /** All are killed at once. */
    KILL_ALL("kills of all"),
    /** One ends as it was asked to. */
    LEAVE("leaves"),
    /** One is stopped for longer than its session or lease lasts, and wakes up. */
    PAUSE("pauses");

    private final String text;

    Disturbance(String text) {
        this.text = text;
    }

    /** A word or two for people. */
    public String text() {
        return text;
    }

    static Disturbance next(RandomGenerator random) {
        int kind = random.nextInt(20);
        if (kind < 8) {
            return KILL_ONE;
        }
        if (kind < 10) {
            return KILL_ALL;
        }
        return kind < 14 ? LEAVE : PAUSE;
    }
}
