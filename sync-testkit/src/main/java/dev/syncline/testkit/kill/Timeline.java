package dev.syncline.testkit.kill;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The journals of several processes of one machine, and what was done to them, in the order in which it happened. The times
 * at the ends of the lines are of the one monotonic clock that all processes of a Linux machine share, and are taken under the
 * lock under which the line is written; so what happened before, in another process too, stands before.
 *
 * <p>Times are those of {@link System#nanoTime()}. Threading: one thread.
 */
public final class Timeline {

    /** A process that we stop says, when it wakes, that it stood still since shortly before. */
    private static final long SHORTLY = TimeUnit.MILLISECONDS.toNanos(500);

    private record Entry(long nanos, Consumer<KillOracle> what) {}

    private record Pause(int life, long nanos) {}

    private static final String STALLED = Journal.Point.STALLED.prefix() + " ";

    private final List<Entry> entries = new ArrayList<>();
    private final List<Pause> pauses = new ArrayList<>();
    private final Predicate<String> isWanted;
    private int killsAtWork;

    /** Takes all lines. */
    public Timeline() {
        this(line -> true);
    }

    /** Takes only lines of this kind, for applications whose handlers take different events: a timeline for each. */
    public Timeline(Predicate<String> isWanted) {
        this.isWanted = isWanted;
    }

    private void at(long nanos, Consumer<KillOracle> what) {
        entries.add(new Entry(nanos, what));
    }

    /** A process is about to be started. */
    public void begins(int life, long nanos) {
        at(nanos, oracle -> oracle.begin(life));
    }

    /** What a process has written; those that no {@link Journal} wrote are passed over. */
    public void wrote(int life, List<String> lines) {
        for (String line : lines) {
            if (line.startsWith(STALLED)) {
                stalled(life, line);
            } else if (line.startsWith("@") && isWanted.test(line)) {
                at(time(line), oracle -> oracle.take(life, line));
            }
        }
    }

    private void stalled(int life, String line) {
        long nanos = time(line);
        if (pauses.stream().noneMatch(pause -> pause.life == life && Math.abs(pause.nanos - nanos) < SHORTLY)) {
            at(nanos, oracle -> oracle.take(life, line));
        }
    }

    private static long time(String line) {
        return Long.parseLong(line.substring(line.lastIndexOf(' ') + 1));
    }

    /** A process stands still, see {@link KillOracle#pause(int)}. To be told before what it wrote. */
    public void paused(int life, long nanos) {
        pauses.add(new Pause(life, nanos));
        at(nanos, oracle -> oracle.pause(life));
    }

    /** A process was killed, and is gone. */
    public void killed(int life, long nanos) {
        at(nanos, oracle -> killsAtWork += oracle.end(life) ? 1 : 0);
    }

    /** A process has ended as it was asked to. */
    public void left(int life, long nanos) {
        at(nanos, oracle -> oracle.leave(life));
    }

    /** What processes share was away for a while, see {@link KillOracle#outageBegins()}. */
    public void away(Outage outage) {
        at(outage.fromNanos(), KillOracle::outageBegins);
        at(outage.toNanos(), KillOracle::outageEnds);
    }

    /** The broker has said that a handler's position is behind these events. */
    public void passed(String handler, Collection<String> ids, long nanos) {
        at(nanos, oracle -> oracle.positionPassed(handler, ids));
    }

    /**
     * Tells all of it, and forgets it. To be called when all that was written is there.
     *
     * @return how many of the kills hit a process at work
     */
    public int tell(KillOracle oracle) {
        killsAtWork = 0;
        // stable: lines of one thread may have one time
        entries.sort(Comparator.comparingLong(Entry::nanos));
        entries.forEach(entry -> entry.what().accept(oracle));
        entries.clear();
        pauses.clear();
        return killsAtWork;
    }
}
