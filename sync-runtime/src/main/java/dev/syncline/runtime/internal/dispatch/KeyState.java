package dev.syncline.runtime.internal.dispatch;

import dev.syncline.runtime.Health.BlockedKey;
import dev.syncline.runtime.internal.dispatch.Parking.Failure;
import dev.syncline.runtime.internal.dispatch.Parking.Parked;
import dev.syncline.runtime.internal.settle.Fence;
import dev.syncline.runtime.internal.settle.InFlight;
import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A key that is not idle: its events in order, the head being worked on or waiting. Belongs to one lane and its thread.
 */
final class KeyState {

    /** What the head is doing; a key that is idle has no state. */
    enum Status {
        /** Waits for its turn on the lane. */
        READY,
        /** An attempt at it runs. */
        BUSY,
        /** Waits a moment for its next attempt in place. */
        HELD,
        /** Attempts in place are spent, or it was rejected: waits for a later attempt or a person, visibly. */
        BLOCKED,
        /** As blocked, but its events are in the durable store and settled. */
        PARKED
    }

    /** Code of a parked head of which no failed attempt is on record. */
    private static final String NEXT = "first.in.line";

    private static final String NEXT_TEXT =
            "it is the oldest that is parked of its key, and no failed attempt at it is on record; its next one follows";

    final String topic;
    final String key;
    final ArrayDeque<InFlight> events = new ArrayDeque<>(2);
    Status status = Status.READY;

    /** The part of a failed batch that the head is in; null if it is in none. */
    Batches.@Nullable Half half;

    /** Failed attempts at the head. */
    int failures;

    /** Monotonic time of the next attempt at the head; {@link Long#MAX_VALUE} if it needs a person. */
    long dueNanos = Long.MAX_VALUE;

    /** So many of its events are in the sum of the {@link BlockedKeys}. */
    int countedEvents;

    String code = "";
    String reason = "";

    /** Its queue in the durable store, while it is parked; in memory is then only what the disk refused. */
    @Nullable
    Parked parked;

    /** Its queue in the store of a partition that came back, while something of its last time here still runs. */
    @Nullable
    Parked successor;

    /** Whether its parked head runs still, though its partition is gone and its queue with it. */
    boolean isLetGo;

    /** How it failed for good, while the disk does not take it. */
    @Nullable
    Failure unparked;

    /** Of the attempt at its parked head that runs. */
    @Nullable
    Fence fence;

    /** Whether that attempt counts no more among those that run. */
    boolean isLeftBehind;

    /** The newest entry of this key among the timers; older ones are stale. */
    @Nullable
    Timer timer;

    KeyState(String topic, String key) {
        this.topic = topic;
        this.key = key;
    }

    Parked required() {
        return Objects.requireNonNull(parked, "not parked");
    }

    InFlight head() {
        return events.element();
    }

    /** Whether people are shown it: its attempts in place are spent, also while a later one runs. */
    boolean isVisible() {
        return parked != null || !code.isEmpty();
    }

    BlockedKey describe() {
        var shown = key.startsWith(Keys.NO_KEY) ? "" : key;
        if (parked != null) {
            var failure = parked.failure();
            if (failure.code().isEmpty()) {
                return new BlockedKey(topic, shown, parked.headText(), NEXT, NEXT_TEXT, failure.attempts());
            }
            return new BlockedKey(
                    topic, shown, parked.headText(), failure.code(), failure.detail(), failure.attempts());
        }
        return new BlockedKey(topic, shown, head().envelope().toString(), code, reason, failures);
    }

    void resetHead() {
        failures = 0;
        half = null;
        dueNanos = Long.MAX_VALUE;
        code = "";
        reason = "";
        timer = null;
        unparked = null;
    }

    /** An entry among a lane's timers; a class, since two entries of equal time are not the same. */
    static final class Timer implements Comparable<Timer> {

        final long dueNanos;
        final KeyState key;

        Timer(long dueNanos, KeyState key) {
            this.dueNanos = dueNanos;
            this.key = key;
        }

        boolean isCurrent() {
            return key.timer == this;
        }

        @Override
        public int compareTo(Timer that) {
            return Long.compare(dueNanos - that.dueNanos, 0); // a monotonic clock may start anywhere
        }
    }
}
