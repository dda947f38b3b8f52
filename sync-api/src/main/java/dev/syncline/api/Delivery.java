package dev.syncline.api;

import java.time.Instant;
import java.util.Objects;

/**
 * One hand-over of an event to a handler: how it came.
 *
 * @param handler id of the handler; empty for {@link #first()}
 * @param attempt count of hand-overs of this event to this handler, from 1; of a batch the highest
 * @param lastAttempt whether no further attempt in place follows when this one fails
 * @param mode how the event came
 * @param firstSeen when this instance first took the event from the broker; of a batch the oldest
 */
public record Delivery(String handler, int attempt, boolean lastAttempt, Mode mode, Instant firstSeen) {

    public Delivery {
        Objects.requireNonNull(handler, "handler");
        Objects.requireNonNull(mode, "mode");
        Objects.requireNonNull(firstSeen, "firstSeen");
        if (attempt < 1) {
            throw new IllegalArgumentException("attempt counts from 1, not " + attempt);
        }
    }

    /** How an event came. */
    public enum Mode {
        /** As it happened. */
        LIVE,
        /** State that was there before the events began. */
        BACKFILL,
        /** History, handed in again. */
        REPLAY,
        /** A dead letter, handed in again. */
        REDRIVE
    }

    /** The first attempt of a live event, for tests of handlers. */
    public static Delivery first() {
        return new Delivery("", 1, false, Mode.LIVE, Instant.EPOCH);
    }
}
