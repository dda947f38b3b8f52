package dev.syncline.runtime.internal.envelope;

import dev.syncline.api.Delivery;
import dev.syncline.spi.Message;
import dev.syncline.spi.Received;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One message as it goes through dispatch and handling: its attributes, taken out once, and where it stood. Immutable;
 * holds the adapter's bytes, so it is let go as soon as the event is settled.
 *
 * @param received as the adapter handed it over
 * @param message in binary form: a structured document has been taken apart
 * @param id empty only beside a problem
 * @param source empty only beside a problem
 * @param type empty only beside a problem
 * @param dataVersion 1 or more
 * @param key the entity, scoped by the topic; empty if it has none
 * @param shard 0 to 255; equal for equal topic and key
 * @param mode how it came
 * @param firstSeen when this instance took it
 * @param problem why it cannot be handled whatever its payload is; null if the envelope is well
 */
public record Envelope(
        Received received,
        Message message,
        String id,
        String source,
        String type,
        int dataVersion,
        String key,
        int shard,
        Delivery.Mode mode,
        Instant firstSeen,
        @Nullable Problem problem) {

    /** About how many bytes it keeps in memory. */
    public int size() {
        return message.size();
    }

    /**
     * Why an envelope cannot be used.
     *
     * @param code stable reason, dotted lower case, such as {@code missing.id}
     * @param detail for people; no payload
     */
    public record Problem(String code, String detail) {}

    /** Where it stood and what it is, fit for a log: no payload. */
    @Override
    public String toString() {
        return received.partition() + "@" + received.position() + " " + LogText.of(type) + " key=" + LogText.of(key)
                + " id=" + LogText.of(id);
    }
}
