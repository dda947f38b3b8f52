package dev.syncline.runtime.internal.handling;

import dev.syncline.api.Delivery;
import dev.syncline.runtime.internal.envelope.Envelope;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One hand-over of one or more events of one route to a handler. Events have distinct keys and one mode.
 *
 * <p>A second completion is ignored: user code may complete a stage twice, or after it was given up.
 */
public final class Attempt {

    private final int route;
    private final List<Envelope> events;
    private final Delivery delivery;
    private final Listener listener;
    private final AtomicBoolean completed = new AtomicBoolean();
    private volatile Marking marking = Marking.NONE;

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
        boolean isFirst = completed.compareAndSet(false, true);
        if (isFirst) {
            listener.onComplete(this, verdicts);
        }
        return isFirst;
    }

    /** Told the end of an attempt, once. */
    @FunctionalInterface
    public interface Listener {

        /** The attempt ended so; from any thread. */
        void onComplete(Attempt attempt, List<Verdict> verdicts);
    }
}
