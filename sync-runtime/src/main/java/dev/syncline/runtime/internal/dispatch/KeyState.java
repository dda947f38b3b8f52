package dev.syncline.runtime.internal.dispatch;

import dev.syncline.runtime.Health.BlockedKey;
import dev.syncline.runtime.internal.settle.InFlight;
import java.util.ArrayDeque;
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
        BLOCKED
    }

    final String topic;
    final String key;
    final ArrayDeque<InFlight> events = new ArrayDeque<>(2);
    Status status = Status.READY;

    /** Failed attempts at the head. */
    int failures;

    /** Monotonic time of the next attempt at the head; {@link Long#MAX_VALUE} if it needs a person. */
    long dueNanos = Long.MAX_VALUE;

    String code = "";
    String reason = "";

    /** The newest entry of this key among the timers; older ones are stale. */
    @Nullable
    Timer timer;

    KeyState(String topic, String key) {
        this.topic = topic;
        this.key = key;
    }

    InFlight head() {
        return events.element();
    }

    /** Whether people are shown it: its attempts in place are spent, also while a later one runs. */
    boolean isVisible() {
        return !code.isEmpty();
    }

    BlockedKey describe() {
        return new BlockedKey(
                topic, key.startsWith(Keys.NO_KEY) ? "" : key, head().envelope().toString(), code, reason, failures);
    }

    void resetHead() {
        failures = 0;
        dueNanos = Long.MAX_VALUE;
        code = "";
        reason = "";
        timer = null;
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
