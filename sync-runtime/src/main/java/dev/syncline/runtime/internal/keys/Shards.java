package dev.syncline.runtime.internal.keys;

import dev.syncline.spi.Message;
import java.nio.charset.StandardCharsets;

/**
 * Which of the 256 shards a key belongs to. The rule is on disk in every outbox and store: it never changes.
 *
 * <p>The shard comes from Kafka's hash of the key, mixed once more. Without that, all keys of one Kafka partition (the
 * hash modulo their number) would share the low bits of the shard as well, and with them a few lanes or a single one.
 *
 * <p>Threading: any.
 */
public final class Shards {

    /** How many there are. */
    public static final int COUNT = 256;

    private Shards() {}

    /** The shard of a message: that of its key, or without one that of its source and id. */
    public static int of(Message message) {
        return message.key().isEmpty()
                ? ofKeyless(message.attribute("source"), message.attribute("id"))
                : ofKey(message.key());
    }

    /** The shard of a key, by its UTF-8 bytes. */
    public static int ofKey(String key) {
        for (int i = 0; i < key.length(); i++) {
            if (key.charAt(i) >= 0x80) {
                byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
                return ofHash(Murmur2.hash(bytes, 0, bytes.length));
            }
        }
        return ofHash(Murmur2.hashAscii(key));
    }

    /** The shard of an event without a key: spread evenly, the same at every delivery. */
    public static int ofKeyless(String source, String id) {
        return ofHash(31 * ofText(source) + ofText(id));
    }

    /** The shard of a key whose {@link Murmur2} hash is known. */
    public static int ofHash(int murmur2) {
        int h = murmur2;
        h ^= h >>> 16;
        h *= 0x85ebca6b;
        h ^= h >>> 13;
        h *= 0xc2b2ae35;
        return h >>> 24;
    }

    private static int ofText(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return Murmur2.hash(bytes, 0, bytes.length);
    }
}
