package dev.syncline.runtime.internal.relay;

import java.util.ArrayList;
import java.util.List;

/**
 * What a producer is shared by: the destinations of one broker, or one of them that has its own because it fails while
 * the others do not. Lives on when its producer is closed and another one is made.
 */
final class Session {

    private final String broker;
    private final boolean isShared;
    private final List<Flow> flows = new ArrayList<>();
    private boolean isClosing;
    private int failures;
    private long notBefore;
    private long advances;

    Session(String broker, boolean isShared, long nowNanos) {
        this.broker = broker;
        this.isShared = isShared;
        this.notBefore = nowNanos;
    }

    String broker() {
        return broker;
    }

    /** Whether other destinations of the broker use it too. */
    boolean isShared() {
        return isShared;
    }

    List<Flow> flows() {
        return flows;
    }

    /** Whether its producer is being closed: nothing is sent before that has ended. */
    boolean isClosing() {
        return isClosing;
    }

    /** Nothing is sent before this time. */
    long notBefore() {
        return notBefore;
    }

    /** Times in a row that its producer had to go without anything being confirmed in between. */
    int failures() {
        return failures;
    }

    /** How often a destination's lowest unanswered entry moved up. */
    long advances() {
        return advances;
    }

    void advanced() {
        advances++;
        failures = 0;
    }

    void closing(long nowNanos, Backoff backoff) {
        isClosing = true;
        failures++;
        notBefore = nowNanos + backoff.nanos(failures);
    }

    void closed() {
        isClosing = false;
    }

    @Override
    public String toString() {
        return "session of broker " + broker + (isShared ? "" : " for " + flows);
    }
}
