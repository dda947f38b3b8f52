package dev.syncline.runtime.internal.handling;

import dev.syncline.runtime.internal.envelope.Envelope;
import java.time.DateTimeException;
import java.time.InstantSource;
import java.time.OffsetDateTime;

/**
 * Whether an event is of no use any more, as it says itself by the attribute {@code expirytime} (RFC 3339), for handlers
 * that want such events dropped. It is the one place where the wall clock decides what becomes of an event; decision 20
 * says why it may.
 */
public final class Expiry {

    private static final String ATTRIBUTE = "expirytime";

    private final boolean isAsked;
    private final InstantSource clock;

    /**
     * Of one handler.
     *
     * @param isAsked whether expired events are to be dropped
     */
    public Expiry(boolean isAsked, InstantSource clock) {
        this.isAsked = isAsked;
        this.clock = clock;
    }

    /** Whether the event is to be dropped for it. One that does not say, or says no time, never expires. */
    boolean isOver(Envelope envelope) {
        if (!isAsked) {
            return false;
        }
        var text = envelope.message().attribute(ATTRIBUTE);
        if (text.isEmpty()) {
            return false;
        }
        try {
            return OffsetDateTime.parse(text).toInstant().isBefore(clock.instant());
        } catch (DateTimeException unreadable) {
            return false;
        }
    }
}
