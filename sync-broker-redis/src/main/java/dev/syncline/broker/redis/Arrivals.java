package dev.syncline.broker.redis;

import java.util.Set;

/**
 * Decides when to wait for new entries of which streams. One wait at a time goes on at the server, on a connection of its
 * own; where it leaves out a stream that is to be waited for, it is ended early, and the next one has them all.
 *
 * <p>Threading: the polling thread.
 */
final class Arrivals {

    private Set<String> awaited = Set.of();
    private boolean isEnding;

    /** Whether a wait for these streams is to begin, and now counts as begun. */
    boolean begins(Set<String> wanted) {
        if (!awaited.isEmpty() || wanted.isEmpty()) {
            return false;
        }
        awaited = Set.copyOf(wanted);
        isEnding = false;
        return true;
    }

    /** Whether the wait that goes on is to be ended for these streams, and now counts as being ended. */
    boolean endsFor(Set<String> wanted) {
        if (awaited.isEmpty() || isEnding || awaited.containsAll(wanted)) {
            return false;
        }
        isEnding = true;
        return true;
    }

    /** There was nothing to end: the wait had not arrived at the server yet, or is over. To be tried again. */
    void wasNotThere() {
        isEnding = false;
    }

    /** The wait is over, with or without something. */
    void ended() {
        awaited = Set.of();
    }
}
