package dev.syncline.benchmarks;

import dev.syncline.api.Delivery;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.keys.Shards;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.TopicPartition;
import java.time.Instant;
import java.util.Map;

/** Events of another system, numbered, of about a million keys; the same number is the same event. */
final class ForeignEvents {

    private static final String SOURCE = "https://partner.example/erp";

    private final Received received;

    ForeignEvents(int payloadBytes) {
        var message = new Message(
                "orders",
                "",
                Map.of("specversion", "1.0", "source", SOURCE, "type", "order.placed", "entityversion", "7"),
                Map.of(),
                Bytes.wrap(Payloads.json(payloadBytes)));
        received = new Received(new TopicPartition("orders", 3), Position.of(1), message, Instant.EPOCH, null);
    }

    Envelope event(long i) {
        var key = "customer-" + (mixed(i) >>> 44);
        return new Envelope(
                received,
                received.message(),
                id(i),
                SOURCE,
                "order.placed",
                1,
                key,
                Shards.ofKey(key),
                Delivery.Mode.LIVE,
                Instant.EPOCH,
                null);
    }

    static String id(long i) {
        return "9f86d081884c7d65-" + Long.toHexString(mixed(i));
    }

    private static long mixed(long i) {
        return i * 0x9E3779B97F4A7C15L;
    }
}
