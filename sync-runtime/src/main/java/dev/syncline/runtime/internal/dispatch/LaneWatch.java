package dev.syncline.runtime.internal.dispatch;

import dev.syncline.runtime.internal.handling.Attempt;
import dev.syncline.runtime.internal.turns.Whereabouts;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long the attempts of a lane run, and what is done about those that run too long (L8).
 *
 * <pre>
 *   seen first ── timeout ─► late: interrupted, in health ── 1 s ─► left behind: the lane goes on, the key stays BUSY
 *                                                                 └► or, with {@value #MOST_LEFT_BEHIND} of them: the lane stands
 * </pre>
 *
 * <p>Time counts from when the watch saw the attempt first: so the lane reads no clock for it, and no attempt is judged
 * early.
 *
 * <p>Threading: {@link #begin(Attempt)} and {@link #end()} by the lane, which write one field; the other begin and end by
 * any thread; {@link #look} by the one that watches; {@link #problems} by any.
 */
final class LaneWatch {

    private static final Logger LOG = LoggerFactory.getLogger(LaneWatch.class);

    private static final VarHandle IN_PLACE;

    static {
        try {
            IN_PLACE = MethodHandles.lookup().findVarHandle(LaneWatch.class, "inPlace", Attempt.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /** How long an attempt may take to react to its interruption. */
    static final long GRACE = TimeUnit.SECONDS.toNanos(1);

    /** Attempts that a lane leaves behind at most: each may keep a thread, and whatever its target gave it. */
    static final int MOST_LEFT_BEHIND = 4;

    /** No timeout. */
    private static final long NEVER = Long.MAX_VALUE;

    private final String handler;
    private final long timeoutNanos;

    @SuppressWarnings("unused") // by IN_PLACE
    private volatile @Nullable Attempt inPlace;

    private final List<Elsewhere> elsewhere = new CopyOnWriteArrayList<>();

    // of the thread that watches
    private final Map<Attempt, Run> runs = new LinkedHashMap<>();
    private int leftBehind;

    private final List<Run> late = new CopyOnWriteArrayList<>();

    LaneWatch(String handler, Duration timeout) {
        this.handler = handler;
        this.timeoutNanos = timeout.isZero() ? NEVER : timeout.toNanos();
    }

    /** The lane begins an attempt in place. */
    void begin(Attempt attempt) {
        IN_PLACE.setRelease(this, attempt);
    }

    /** The lane has none in place. */
    void end() {
        IN_PLACE.setRelease(this, null);
    }

    /** An attempt begins on another thread. */
    void begin(Attempt attempt, Runnable leaveBehind) {
        elsewhere.add(new Elsewhere(attempt, leaveBehind));
    }

    /** It has ended. */
    void end(Attempt attempt) {
        elsewhere.removeIf(one -> one.attempt.equals(attempt));
    }

    /**
     * Looks at what runs.
     *
     * @param leaveBehind goes on without the attempt in place
     */
    void look(long now, LeaveBehind leaveBehind) {
        if (timeoutNanos == NEVER) {
            return;
        }
        var current = inPlace;
        if (current != null) {
            runs.computeIfAbsent(current, attempt -> new Run(attempt, now, () -> leaveBehind.inPlace(attempt)));
        }
        for (var one : elsewhere) {
            runs.computeIfAbsent(one.attempt, attempt -> new Run(attempt, now, one.leaveBehind));
        }
        for (Iterator<Run> each = runs.values().iterator(); each.hasNext(); ) {
            var run = each.next();
            if (run.attempt.isComplete()) {
                each.remove();
                ended(run, now);
            } else {
                look(run, now);
            }
        }
    }

    private void look(Run run, long now) {
        long over = now - run.sinceNanos - timeoutNanos;
        if (over < 0) {
            return;
        }
        if (!run.isLate) {
            run.isLate = true;
            late.add(run);
            run.attempt.expire();
        } else if (over >= GRACE && !run.attempt.isLeftBehind()) {
            if (run.isLeftBehind) {
                run.leaveBehind.run(); // it was between two calls of user code when it was tried before
            } else if (leftBehind < MOST_LEFT_BEHIND) {
                run.isLeftBehind = true;
                leftBehind++;
                tell(run, now, "others go on without it");
                run.leaveBehind.run();
            } else if (!run.isTold) {
                run.isTold = true;
                tell(run, now, MOST_LEFT_BEHIND + " such attempts are left behind already: its lane stands");
            }
        }
    }

    private void ended(Run run, long now) {
        if (!run.isLate) {
            return;
        }
        late.remove(run);
        if (run.isLeftBehind) {
            leftBehind--;
            LOG.info("{}: {} has ended after {}", handler, run, ran(run, now));
        }
    }

    private void tell(Run run, long now, String what) {
        LOG.error(
                "{}: {} runs for {} and does not react to its interruption; its key waits until it ends, {}{}",
                handler,
                run,
                ran(run, now),
                what,
                run.where());
    }

    private static String ran(Run run, long now) {
        return TimeUnit.NANOSECONDS.toSeconds(now - run.sinceNanos) + " s";
    }

    /** A line for each attempt that is late, and where it is. */
    List<String> problems(long now) {
        var problems = new ArrayList<String>();
        for (var run : late) {
            if (run.attempt.isComplete()) {
                continue; // since the last look
            }
            problems.add(run + " runs for " + ran(run, now) + ", longer than its timeout of "
                    + TimeUnit.NANOSECONDS.toMillis(timeoutNanos) + " ms; its key waits until it ends" + run.where());
        }
        return problems;
    }

    /** How a lane goes on without an attempt. */
    interface LeaveBehind {

        /** Without the one that occupies it. */
        void inPlace(Attempt attempt);
    }

    /** An attempt on another thread. */
    private record Elsewhere(Attempt attempt, Runnable leaveBehind) {}

    /** An attempt as the watch sees it. */
    private static final class Run {

        final Attempt attempt;
        final long sinceNanos;
        final Runnable leaveBehind;
        boolean isLate;
        boolean isLeftBehind;
        boolean isTold;

        Run(Attempt attempt, long sinceNanos, Runnable leaveBehind) {
            this.attempt = attempt;
            this.sinceNanos = sinceNanos;
            this.leaveBehind = leaveBehind;
        }

        String where() {
            var thread = attempt.thread();
            return thread == null ? " (it has answered with a stage, which is not complete)" : Whereabouts.of(thread);
        }

        @Override
        public String toString() {
            int others = attempt.events().size() - 1;
            return "the attempt at " + attempt.events().get(0) + (others == 0 ? "" : " and " + others + " others");
        }
    }
}
