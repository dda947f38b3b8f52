package dev.syncline.runtime.internal.inbox;

import dev.syncline.api.Delivery;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.keys.Shards;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.TopicPartition;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** Makes events as a lane gets them. */
final class Events {

    static final String OUTBOX = "0123456789abcdef000000000000002a";

    private final Map<String, String> attributes = new HashMap<>();
    private String key = "k";
    private int partition;
    private Bytes data = Bytes.utf8("{}");

    private Events(String id) {
        attributes.put("specversion", "1.0");
        attributes.put("id", id);
        attributes.put("source", "shop");
        attributes.put("type", "order.placed");
    }

    /** An event of a system that is not ours. */
    static Events foreign(String id) {
        return new Events(id);
    }

    /** The n-th event of an outbox of ours. */
    static Events own(long n) {
        return new Events("own-" + n).with("outboxseq", OUTBOX + ":" + n);
    }

    Events with(String name, String value) {
        attributes.put(name, value);
        return this;
    }

    Events key(String key) {
        this.key = key;
        return this;
    }

    Events partition(int partition) {
        this.partition = partition;
        return this;
    }

    Events data(String text) {
        this.data = text == null ? null : Bytes.utf8(text);
        return this;
    }

    Envelope arrives() {
        var message = new Message("orders", key, attributes, Map.of(), data);
        var received =
                new Received(new TopicPartition("orders", partition), Position.of(1), message, Instant.EPOCH, null);
        return new Envelope(
                received,
                message,
                attributes.get("id"),
                attributes.get("source"),
                attributes.get("type"),
                1,
                key,
                Shards.of(message),
                Delivery.Mode.LIVE,
                Instant.EPOCH,
                null);
    }
}
