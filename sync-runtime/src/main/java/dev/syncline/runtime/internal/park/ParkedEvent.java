package dev.syncline.runtime.internal.park;

import dev.syncline.api.Delivery;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.envelope.EnvelopeReader;
import dev.syncline.spi.Received;
import java.time.Instant;

/**
 * A letter read back.
 *
 * @param letter its name in the store
 * @param received as the adapter handed it over, with partition, position and defect
 * @param key as its envelope said when it was parked; so the three behind it
 * @param mode how it came: never REDRIVE because of a redrive, which is the state's to know
 * @param firstSeen when an instance took it first
 * @param parkedAt when it was parked
 */
public record ParkedEvent(
        long letter,
        Received received,
        String key,
        String source,
        String id,
        String type,
        Delivery.Mode mode,
        Instant firstSeen,
        Instant parkedAt) {

    /**
     * Its envelope, read anew by today's rules, as it came the first time: same mode, same first sight.
     *
     * @param isRedriven whether it is handed in again, so that its mode is REDRIVE
     */
    public Envelope envelope(EnvelopeReader reader, boolean isRedriven) {
        var read = reader.read(received);
        return new Envelope(
                received,
                read.message(),
                read.id(),
                read.source(),
                read.type(),
                read.dataVersion(),
                read.key(),
                read.shard(),
                isRedriven ? Delivery.Mode.REDRIVE : mode,
                firstSeen,
                read.problem());
    }

    /** Where it stood and what it is; no payload. */
    @Override
    public String toString() {
        return "letter " + letter + ": " + received.partition() + "@" + received.position();
    }
}
