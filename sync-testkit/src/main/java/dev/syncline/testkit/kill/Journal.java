package dev.syncline.testkit.kill;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What an application that is going to be killed writes down of itself: a line <em>before</em> it does something and a line
 * after it was done. The lines go to its standard output, each in one write, so that they reach the other end of the pipe even
 * if the process dies right behind it; nothing is buffered in between.
 *
 * <pre>{@code
 * journal.intent(id, key, seq);
 * publisher.publish(Event.of(payload).withId(id));
 * journal.accepted(id);
 *
 * void on(Event<Order> event) {
 *     try (Journal.Run run = journal.run("warehouse", event.id())) {
 *         warehouse.book(event.payload());
 *         run.effect();
 *     }
 * }
 * }</pre>
 *
 * <p>Handlers, ids and keys are words: not empty, no blanks or line ends.
 *
 * <p>Threading: any thread. What one thread writes stands in that order, and so does what happens on two threads one after
 * the other.
 */
public final class Journal {

    /**
     * The kinds of line, and with them the points at which a life can be made to end. Each line ends with the time at which it
     * was written, in nanoseconds of {@link System#nanoTime()}, which on Linux all processes of a machine share.
     */
    public enum Point {
        /** {@code @I id key seq nanos}: is about to publish. */
        INTENT("I"),
        /** {@code @A id nanos}: publishing has returned. */
        ACCEPTED("A"),
        /** {@code @F id nanos}: publishing has failed for certain. */
        REFUSED("F"),
        /** {@code @H start handler id nanos}: a handler was called. */
        START("H start"),
        /** {@code @E handler id nanos}: its effect took place. */
        EFFECT("E"),
        /** {@code @H end handler id nanos}: it is about to return, or to throw. */
        END("H end"),
        /** {@code @D handler id nanos}: a person is about to give up the event, so its effect may be missing. */
        GIVEN_UP("D"),
        /** {@code @N words nanos}: whatever the application wants to say. */
        REMARK("N"),
        /** {@code @P nanos}: from then on the process stood still for a while. */
        STALLED("P"),
        /** {@code @Z nanos}: the last life has found everything at rest. */
        AT_REST("Z");

        private final String word;

        Point(String word) {
            this.word = word;
        }

        String prefix() {
            return "@" + word;
        }
    }

    static final String LAST = "SYNCLINE_JOURNAL_LAST";
    /** The so-manieth line that begins so: number, #, beginning. */
    static final String STAND = "SYNCLINE_JOURNAL_STAND";

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final OutputStream out;
    private final boolean lastLife;
    private final @Nullable String standing;
    private final AtomicInteger untilStanding;

    Journal(OutputStream out, Map<String, String> environment) {
        this.out = out;
        this.lastLife = Boolean.parseBoolean(environment.getOrDefault(LAST, "false"));
        String[] stand = environment.getOrDefault(STAND, "").split("#", 2);
        this.standing = stand.length == 2 ? stand[1] : null;
        this.untilStanding = new AtomicInteger(stand.length == 2 ? Integer.parseInt(stand[0]) : 0);
    }

    /**
     * The journal of this process, with what {@link KillRun} has asked of this life by the environment. One per process, to be
     * opened first of all: it takes the standard output for itself, and what others print there goes to the standard error.
     */
    public static Journal open() {
        System.setOut(System.err);
        return new Journal(new FileOutputStream(FileDescriptor.out), System.getenv());
    }

    /**
     * Whether this life is not going to be killed: the application is to publish nothing new, work off all that is there, say
     * {@link #atRest()}, and end.
     */
    public boolean isLastLife() {
        return lastLife;
    }

    /**
     * An event is about to be published. Until {@link #accepted} or {@link #refused} it may or may not take place.
     *
     * @param id unique over all lives
     * @param key the entity; events of a key are published one after the other
     * @param seq grows per key, over all lives
     */
    public void intent(String id, String key, long seq) {
        write(Point.INTENT, " " + word(id) + " " + word(key) + " " + seq);
    }

    /** Publishing has returned: from now on the event must not be lost. */
    public void accepted(String id) {
        write(Point.ACCEPTED, " " + word(id));
    }

    /** Publishing has failed in a way that says that nothing was stored: from now on the event must not appear. */
    public void refused(String id) {
        write(Point.REFUSED, " " + word(id));
    }

    /** A handler was called with an event. To be closed when it is about to return or to throw. */
    public Run run(String handler, String id) {
        String what = " " + word(handler) + " " + word(id);
        write(Point.START, what);
        return new Run(what);
    }

    /** Somebody is about to give up an event that the handler could not handle: it need not have an effect any more. */
    public void givenUp(String handler, String id) {
        write(Point.GIVEN_UP, " " + word(handler) + " " + word(id));
    }

    /**
     * Says something of the application's own, that no oracle here knows: for who reads the lines, and for lives that are to
     * end there ({@link KillRun.Builder#points}).
     *
     * @param words in one line
     */
    public void remark(String words) {
        if (words.indexOf('\n') >= 0) {
            throw new IllegalArgumentException("more than a line: '" + words + "'");
        }
        write(Point.REMARK, " " + words);
    }

    /** Everything that was ever accepted is worked off, nothing waits, the broker's positions are at their ends. */
    public void atRest() {
        write(Point.AT_REST, "");
    }

    /**
     * Writes down, from now on, when this process stands still for longer than that, as on a machine that has too much else to
     * do: others may take over meanwhile, as if it had been stopped. For one of several instances; once.
     */
    public void watchForStalls(Duration longerThan) {
        Thread watch = new Thread(() -> watchForStalls(longerThan.toNanos()), "journal-watch");
        watch.setDaemon(true);
        watch.start();
    }

    private void watchForStalls(long mostNanos) {
        for (long last = System.nanoTime(); ; ) {
            LockSupport.parkNanos(LOOK_NANOS);
            long now = System.nanoTime();
            if (now - last > mostNanos) {
                write(Point.STALLED.prefix() + " " + last);
            }
            last = now;
        }
    }

    private static String word(String text) {
        if (text.isEmpty() || text.chars().anyMatch(Character::isWhitespace)) {
            throw new IllegalArgumentException("not a word: '" + text + "'");
        }
        return text;
    }

    private void write(Point point, String rest) {
        String line = point.prefix() + rest + " ";
        synchronized (out) {
            // the time is taken in here, so that it orders the lines of all threads, and of all processes
            write(line + System.nanoTime());
        }
        if (standing != null && line.startsWith(standing) && untilStanding.decrementAndGet() == 0) {
            standStill();
        }
    }

    private void write(String line) {
        try {
            synchronized (out) {
                out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            // Nobody reads any more: the parent is gone, and with it the reason to go on.
            Runtime.getRuntime().halt(1);
        }
    }

    /** So that the kill hits this thread exactly here: behind this line and before all that would follow. */
    private static void standStill() {
        while (true) {
            LockSupport.park();
        }
    }

    /** One call of a handler. Not thread-safe. */
    public final class Run implements AutoCloseable {

        private final String what;

        private Run(String what) {
            this.what = what;
        }

        /** The effect has taken place: what the target shows from now on. */
        public void effect() {
            write(Point.EFFECT, what);
        }

        /** The handler is about to return or to throw. */
        @Override
        public void close() {
            write(Point.END, what);
        }
    }
}
