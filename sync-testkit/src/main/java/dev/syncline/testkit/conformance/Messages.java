package dev.syncline.testkit.conformance;

import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import dev.syncline.spi.Received;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Messages as the suite sends them. */
final class Messages {

    static final String TYPE = "conformance.thing.changed";

    private Messages() {}

    /** The id is the text, so that a test can name what it misses. */
    static Message text(String topic, String key, String text) {
        return new Message(topic, key, attributes(key, text), Map.of(), Bytes.utf8(text));
    }

    static List<Message> texts(String topic, String key, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> text(topic, key, key + "#" + i))
                .toList();
    }

    /** Over keys {@code k0} to {@code kn}, each with its own count, keys taking turns. */
    static List<Message> overKeys(String topic, int keys, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> text(topic, "k" + i % keys, "k" + i % keys + "#" + i / keys))
                .toList();
    }

    static Message withData(String topic, String key, @Nullable Bytes data) {
        return new Message(topic, key, attributes(key, "with-data"), Map.of(), data);
    }

    static Map<String, String> attributes(String key, String id) {
        var attributes = new HashMap<String, String>();
        attributes.put("specversion", "1.0");
        attributes.put("id", id);
        attributes.put("source", "conformance");
        attributes.put("type", TYPE);
        attributes.put("datacontenttype", "text/plain");
        if (!key.isEmpty()) {
            attributes.put("partitionkey", key);
        }
        return attributes;
    }

    static List<String> ids(Collection<Received> received) {
        return received.stream().map(one -> one.message().attribute("id")).toList();
    }

    static List<String> idsOf(Collection<Message> messages) {
        return messages.stream().map(one -> one.attribute("id")).toList();
    }

    static List<String> idsOfKey(Collection<Received> received, String key) {
        return received.stream()
                .filter(one -> one.message().key().equals(key))
                .map(one -> one.message().attribute("id"))
                .toList();
    }
}
