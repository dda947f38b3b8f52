package dev.syncline.runtime.internal.handling;

import dev.syncline.api.Delivery;
import dev.syncline.runtime.internal.envelope.Envelope;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One hand-over of one or more events of one route to a handler. Events have distinct keys and one mode.
 *
 * <p>A second completion is ignored: user code may complete a stage twice, or after it was given up.
 *
 * <p>While user code runs on a thread, between {@link #enter} and {@link #exit}, the attempt can be interrupted when it
 * is late. The interruption meets this attempt or nobody: user code cannot be left while it is on its way.
 *
 * <pre>
 *   OUTSIDE ── enter ─► INSIDE ── exit ─► OUTSIDE          the thread of the attempt
 *                        │  ▲
 *              interrupt ▼  │                              the thread that watches
 *                       HELD: exit waits
 * </pre>
 */
public class Attempt {

    private static final VarHandle STATE;
    private static final VarHandle COMPLETED;

    static {
        try {
            var lookup = MethodHandles.lookup();
            STATE = lookup.findVarHandle(Attempt.class, "state", int.class);
            COMPLETED = lookup.findVarHandle(Attempt.class, "completed", boolean.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private static final int OUTSIDE = 0;
    private static final int INSIDE = 1;
    private static final int HELD = 2;

    private final int route;
    private final List<Envelope> events;
    private final Delivery delivery;
    private final Listener listener;

    @SuppressWarnings("unused") // by COMPLETED
    private volatile boolean completed;

    private Marking marking = Marking.NONE; // published with the attempt: a fence for each would be wasted

    @SuppressWarnings("unused") // by STATE
    private volatile int state;

    private @Nullable Thread caller; // published by state
    private volatile boolean late;
    private volatile @Nullable Verdict failureOfAll;
    private volatile boolean leftBehind;

    /** Made by a lane. */
    public Attempt(int route, List<Envelope> events, Delivery delivery, Listener listener) {
        this.route = route;
        this.events = List.copyOf(events);
        this.delivery = Objects.requireNonNull(delivery);
        this.listener = Objects.requireNonNull(listener);
    }

    /** Which method takes it. */
    public int route() {
        return route;
    }

    /** What is to be handled, in the order of arrival. */
    public List<Envelope> events() {
        return events;
    }

    /** How it comes. */
    public Delivery delivery() {
        return delivery;
    }

    /** What is kept beside what it publishes. Before it runs. */
    public void markBy(Marking marks) {
        this.marking = marks;
    }

    Marking marking() {
        return marking;
    }

    /**
     * Ends the attempt; a verdict per event, in their order. From any thread.
     *
     * @return whether this was the end; false if it had ended before
     */
    public boolean complete(List<Verdict> verdicts) {
        if (verdicts.size() != events.size()) {
            throw new IllegalArgumentException(verdicts.size() + " verdicts on " + events.size() + " events");
        }
        boolean isFirst = COMPLETED.compareAndSet(this, false, true);
        if (isFirst) {
            listener.onComplete(this, verdicts);
        }
        return isFirst;
    }

    /** Its method threw for its whole list: that verdict is not of one event more than of another. Before the end. */
    public void failAll(Verdict failure) {
        failureOfAll = failure;
    }

    /** The verdict that its method gave for its whole list by throwing; null if it did not. */
    public @Nullable Verdict failureOfAll() {
        return failureOfAll;
    }

    /** Whether it has ended. */
    public boolean isComplete() {
        return completed;
    }

    /** User code is called next, on this thread; {@link #exit} follows. */
    public void enter() {
        caller = Thread.currentThread();
        STATE.setRelease(this, INSIDE);
    }

    /** User code has returned. What it, or who watches, left of an interruption is gone. */
    public void exit() {
        while (!STATE.compareAndSet(this, INSIDE, OUTSIDE)) {
            Thread.onSpinWait(); // for the moment in which it is interrupted
        }
        Thread.interrupted();
    }

    /** Whether it has run longer than it may; stays so. What it answers with counts, what it throws is a timeout. */
    public boolean isLate() {
        return late;
    }

    /** It has run longer than it may: interrupts the user code that runs just now. The thread that watches. */
    public void expire() {
        late = true;
        if (hold()) {
            Objects.requireNonNull(caller).interrupt();
            STATE.setVolatile(this, INSIDE);
        }
    }

    /**
     * Leaves a thread to its user code, for whoever called has to go on without it: {@link #isLeftBehind} is true when
     * it returns. The thread that watches.
     *
     * @return false if no user code runs on that thread
     */
    public boolean leaveBehind(Thread thread) {
        if (!hold()) {
            return false;
        }
        boolean runsThere = caller == thread;
        if (runsThere) {
            leftBehind = true;
            thread.interrupt(); // again: before, it may have been between two calls of user code
        }
        STATE.setVolatile(this, INSIDE);
        return runsThere;
    }

    /** It goes on elsewhere and nobody waits for it. Who owns its keys. */
    public void leaveBehind() {
        leftBehind = true;
    }

    /** Whether nobody waits for its end, so that it comes as news. */
    public boolean isLeftBehind() {
        return leftBehind;
    }

    /** The thread on which user code runs just now; null if none does. For people: it may have gone on since. */
    public @Nullable Thread thread() {
        return state == OUTSIDE ? null : caller;
    }

    private boolean hold() {
        return STATE.compareAndSet(this, INSIDE, HELD);
    }

    /** Told the end of an attempt, once. */
    @FunctionalInterface
    public interface Listener {

        /** The attempt ended so; from any thread. */
        void onComplete(Attempt attempt, List<Verdict> verdicts);
    }
}
