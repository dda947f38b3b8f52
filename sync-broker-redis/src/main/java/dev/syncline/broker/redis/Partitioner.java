package dev.syncline.broker.redis;

import dev.syncline.spi.Message;
import java.nio.charset.StandardCharsets;

/**
 * Which partition a message belongs to: exactly Kafka's rule for keys, so that a bridge keeps the partition.
 *
 * @see <a href="https://kafka.apache.org/documentation/#producerconfigs_partitioner.class">Kafka's default
 *     partitioner</a>, and Austin Appleby's MurmurHash2 beneath it
 */
final class Partitioner {

    /** Name of the rule as it is stored beside each stream. */
    static final String RULE = "murmur2";

    private static final int SEED = 0x9747b28c;
    private static final int MIX = 0x5bd1e995;
    private static final int SHIFT = 24;

    private Partitioner() {}

    /** By key; a message without a key by its identity, which spreads and is the same for every repeat. */
    static int partition(Message message, int partitions) {
        var key =
                message.key().isEmpty() ? message.attribute("source") + '\0' + message.attribute("id") : message.key();
        return (murmur2(key.getBytes(StandardCharsets.UTF_8)) & 0x7fffffff) % partitions;
    }

    static int murmur2(byte[] data) {
        int hash = SEED ^ data.length;
        int whole = data.length & ~3;
        for (int i = 0; i < whole; i += 4) {
            int word = (data[i] & 0xff)
                    | ((data[i + 1] & 0xff) << 8)
                    | ((data[i + 2] & 0xff) << 16)
                    | ((data[i + 3] & 0xff) << 24);
            word *= MIX;
            word ^= word >>> SHIFT;
            hash = (hash * MIX) ^ (word * MIX);
        }
        if (whole < data.length) {
            int rest = 0;
            for (int i = data.length - 1; i >= whole; i--) {
                rest = (rest << 8) | (data[i] & 0xff);
            }
            hash = (hash ^ rest) * MIX;
        }
        hash = (hash ^ (hash >>> 13)) * MIX;
        return hash ^ (hash >>> 15);
    }
}
