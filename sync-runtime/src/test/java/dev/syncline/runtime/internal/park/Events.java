package dev.syncline.runtime.internal.park;

import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.envelope.EnvelopeReader;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.TopicPartition;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Events for tests, read as ingest reads them. */
final class Events {

    static final String TOPIC = "catalog.product";
    static final Instant SEEN = Instant.parse("2026-11-22T03:00:00.123456789Z");
    static final InstantSource CLOCK = Clock.fixed(SEEN, ZoneOffset.UTC);
    static final EnvelopeReader READER = new EnvelopeReader(CLOCK, 1 << 20);

    private Events() {}

    static Envelope event(String key, String id) {
        return event(key, id, "data of " + id, Map.of());
    }

    static Envelope event(String key, String id, @Nullable String data, Map<String, String> more) {
        var attributes = new HashMap<>(
                Map.of("specversion", "1.0", "source", "/shop", "id", id, "type", "catalog.product.changed"));
        attributes.putAll(more);
        var message = new Message(TOPIC, key, attributes, Map.of("h", "ü"), data == null ? null : Bytes.utf8(data));
        return read(message, 3, id.hashCode() & 0xffff);
    }

    static Envelope read(Message message, int partition, long position) {
        return READER.read(new Received(
                new TopicPartition(TOPIC, partition), Position.of(position), message, SEEN.minusSeconds(9), null));
    }
}
