package dev.syncline.spi;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An event encoded for a broker: attributes and bytes. Immutable.
 *
 * <p>An adapter carries every attribute unchanged in the CloudEvents binding of its broker, those that nobody knows
 * among them. A message that arrives in structured mode has one attribute, {@code datacontenttype}, that begins with
 * {@code application/cloudevents}, and the whole document as data: the runtime takes it apart.
 *
 * @param topic where it goes, or came from
 * @param key the entity, unit of order and partitioning; empty if it has none
 * @param attributes CloudEvents context attributes under their own names (without {@code ce_}), {@code specversion} and
 *     {@code datacontenttype} among them
 * @param headers of the transport, not of the event: {@code traceparent} of the hop, {@code sync_…}, foreign ones
 * @param data null for an event without data, which differs from empty data
 */
public record Message(
        String topic,
        String key,
        Map<String, String> attributes,
        Map<String, String> headers,
        @Nullable Bytes data) {

    public Message {
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(key, "key");
        attributes = Map.copyOf(attributes);
        headers = Map.copyOf(headers);
    }

    /** The attribute, or empty if it is not there. */
    public String attribute(String name) {
        return attributes.getOrDefault(name, "");
    }

    /** Whether CloudEvents allows the name for an attribute: lower-case letters and digits, at least one. */
    public static boolean isAttributeName(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if ((c < 'a' || c > 'z') && (c < '0' || c > '9')) {
                return false;
            }
        }
        return !name.isEmpty();
    }

    /** About how many bytes it takes, on the wire and in memory. */
    public int size() {
        int size = 64 + topic.length() + key.length() + (data == null ? 0 : data.length());
        for (var attribute : attributes.entrySet()) {
            size += attribute.getKey().length() + attribute.getValue().length() + 8;
        }
        for (var header : headers.entrySet()) {
            size += header.getKey().length() + header.getValue().length() + 8;
        }
        return size;
    }

    /** Topic, key, type and id; no data. */
    @Override
    public String toString() {
        return "Message[" + topic + " key=" + key + " type=" + attribute("type") + " id=" + attribute("id") + "]";
    }
}
