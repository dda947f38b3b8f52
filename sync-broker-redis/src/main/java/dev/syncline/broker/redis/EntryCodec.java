package dev.syncline.broker.redis;

import dev.syncline.spi.Bytes;
import dev.syncline.spi.Defect;
import dev.syncline.spi.Message;
import dev.syncline.spi.MessageReader;
import dev.syncline.spi.MessageWriter;
import dev.syncline.spi.Received;
import dev.syncline.spi.TopicPartition;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Messages as entries of a stream, field by field: {@code ce_<attribute>}, {@code content-type}, the headers of the
 * transport under their own names, and {@code data}, which is absent for a message without data. {@code sync_key} holds
 * the key where no attribute says it. Not a standard: there is no CloudEvents binding for Redis, so it is the Kafka one.
 */
final class EntryCodec {

    static final String DATA = "data";
    static final String KEY = "sync_key";

    private static final Set<String> RESERVED = Set.of(DATA, KEY, "content-type");

    private EntryCodec() {}

    /** Fields and values in turn, as {@code XADD} takes them. */
    static List<byte[]> fields(Message message) {
        var fields = new ArrayList<byte[]>();
        MessageWriter.headers(message, (name, value) -> {
            fields.add(Keys.bytes(name));
            fields.add(Keys.bytes(value));
        });
        if (!message.key().isEmpty() && !message.key().equals(keyOfAttributes(message))) {
            fields.add(Keys.bytes(KEY));
            fields.add(Keys.bytes(message.key()));
        }
        if (message.data() != null) {
            fields.add(Keys.bytes(DATA));
            fields.add(whole(message.data()));
        }
        return fields;
    }

    /** A header of the transport whose name means something else in an entry, null if there is none. */
    static @Nullable String unwritableHeader(Message message) {
        for (var name : message.headers().keySet()) {
            if (RESERVED.contains(name) || name.startsWith("ce_")) {
                return name;
            }
        }
        return null;
    }

    private static byte[] whole(Bytes bytes) {
        return bytes.offset() == 0 && bytes.length() == bytes.array().length ? bytes.array() : bytes.toByteArray();
    }

    private static String keyOfAttributes(Message message) {
        var partitionKey = message.attributes().get("partitionkey");
        return partitionKey != null ? partitionKey : message.attribute("subject");
    }

    /**
     * The message of an entry.
     *
     * @param entry id, and fields and values in turn, as the server answers
     */
    static Received received(TopicPartition partition, List<?> entry) {
        var id = EntryId.parse(Reply.asText(entry.get(0)));
        var fields = (List<?>) entry.get(1);
        var reader = new MessageReader();
        var raw = new ArrayList<Defect.RawHeader>();
        byte[] key = null;
        byte[] data = null;
        boolean ambiguous = false;
        for (int i = 0; i + 1 < fields.size(); i += 2) {
            var name = new String((byte[]) fields.get(i), StandardCharsets.UTF_8);
            var value = (byte[]) fields.get(i + 1);
            switch (name) {
                case DATA -> {
                    ambiguous |= data != null && !Arrays.equals(data, value);
                    data = value;
                }
                case KEY -> {
                    ambiguous |= key != null && !Arrays.equals(key, value);
                    key = value;
                }
                default -> {
                    raw.add(new Defect.RawHeader(name, Bytes.wrap(value)));
                    reader.header(name, value);
                }
            }
        }
        var message = reader.message(partition.topic(), key, data == null ? null : Bytes.wrap(data));
        var defect = reader.defect();
        if (defect == null && ambiguous) {
            defect = new Defect(
                    "ambiguous.header", "field \"data\" or \"sync_key\" is there twice with different values", raw);
        }
        return new Received(partition, id, message, EntryId.time(id), defect);
    }
}
