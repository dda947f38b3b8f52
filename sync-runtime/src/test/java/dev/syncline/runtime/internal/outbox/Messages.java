package dev.syncline.runtime.internal.outbox;

import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import java.util.List;
import java.util.Map;

/** Messages for tests. */
final class Messages {

    private Messages() {}

    static Message message(String topic, String key, String id) {
        return new Message(
                topic,
                key,
                Map.of("specversion", "1.0", "source", "shop", "id", id, "type", topic + ".changed"),
                Map.of(),
                Bytes.utf8("data of " + id));
    }

    static List<Outgoing> one(String id) {
        return List.of(new Outgoing("default", message("catalog.product", "key-" + id, id)));
    }

    static List<Outgoing> one(String id, int dataBytes) {
        var message = message("catalog.product", "key-" + id, id);
        return List.of(new Outgoing(
                "default",
                new Message(
                        message.topic(),
                        message.key(),
                        message.attributes(),
                        message.headers(),
                        Bytes.wrap(new byte[dataBytes]))));
    }
}
