package dev.syncline.api;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a delivery ended, in the handler's own words. Immutable. A handler returns one, or throws it as
 * {@link #asException()} from deep inside a client.
 */
public final class Outcome {

    /** What is to happen with the event. */
    public enum Kind {
        /** It was handled. */
        DONE,
        /** It was not needed: settled and counted. */
        SKIP,
        /** It failed; this key is tried again after the delay, and an attempt is spent. */
        RETRY_AFTER,
        /** The target is away: intake of the handler pauses, no attempt is spent. */
        HOLD,
        /** It can never be handled: not tried again. */
        REJECT
    }

    private static final Outcome DONE = new Outcome(Kind.DONE, "", null, List.of());

    private final Kind kind;
    private final String reason;
    private final @Nullable Duration delay;
    private final List<Object> events;

    private Outcome(Kind kind, String reason, @Nullable Duration delay, List<Object> events) {
        this.kind = kind;
        this.reason = reason;
        this.delay = delay;
        this.events = events;
    }

    /** The event was handled. */
    public static Outcome done() {
        return DONE;
    }

    /**
     * The event was handled, and these events follow from it. They are published together with the settlement of the
     * attempt, under derived ids, so that a repeated attempt does not publish other events.
     *
     * @param events payloads whose class carries {@link EventType}, or {@link Event}s
     */
    public static Outcome publish(Object... events) {
        return new Outcome(Kind.DONE, "", null, List.of(events));
    }

    /** The event is not needed here; {@code why} is counted and logged. */
    public static Outcome skip(String why) {
        return new Outcome(Kind.SKIP, Objects.requireNonNull(why, "why"), null, List.of());
    }

    /**
     * This key is to be tried again after a while; spends an attempt. If that is longer than 5 seconds, and longer than any
     * pause between attempts in place, the key is parked meanwhile: it waits on the disk and holds back no position.
     *
     * @param delay clamped to between zero and one day
     */
    public static Outcome retryAfter(Duration delay, String why) {
        return new Outcome(Kind.RETRY_AFTER, Objects.requireNonNull(why, "why"), clamp(delay), List.of());
    }

    /**
     * The target is away: intake of this handler pauses for a while, and no attempt is spent.
     *
     * @param delay clamped to between zero and one day
     */
    public static Outcome hold(Duration delay, String why) {
        return new Outcome(Kind.HOLD, Objects.requireNonNull(why, "why"), clamp(delay), List.of());
    }

    /** The event can never be handled: it is not tried again, and later events of its key wait for a person. */
    public static Outcome reject(String why) {
        return new Outcome(Kind.REJECT, Objects.requireNonNull(why, "why"), null, List.of());
    }

    /** What is to happen. */
    public Kind kind() {
        return kind;
    }

    /** Why; empty when done. */
    public String reason() {
        return reason;
    }

    /** How long to wait; present for {@link Kind#RETRY_AFTER} and {@link Kind#HOLD}. */
    public Optional<Duration> delay() {
        return Optional.ofNullable(delay);
    }

    /** What to publish, in order; mostly empty. */
    public List<Object> events() {
        return events;
    }

    /** This outcome, to be thrown. */
    public OutcomeException asException() {
        return new OutcomeException(this, null);
    }

    /** This outcome, to be thrown, with what caused it. */
    public OutcomeException asException(Throwable cause) {
        return new OutcomeException(this, Objects.requireNonNull(cause, "cause"));
    }

    @Override
    public String toString() {
        return kind
                + (delay == null ? "" : " after " + delay)
                + (reason.isEmpty() ? "" : ": " + reason)
                + (events.isEmpty() ? "" : " and publish " + events.size());
    }

    private static final Duration LONGEST = Duration.ofDays(1);

    private static Duration clamp(Duration delay) {
        if (delay.isNegative()) {
            return Duration.ZERO;
        }
        return delay.compareTo(LONGEST) > 0 ? LONGEST : delay;
    }
}
