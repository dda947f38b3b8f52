package dev.syncline.testkit;

/**
 * The hash by which Kafka's clients choose the partition of a key, so that a key keeps its partition whatever broker
 * carries it.
 *
 * @see <a href="https://github.com/aappleby/smhasher/blob/master/src/MurmurHash2.cpp">MurmurHash2, 32 bit</a>, here
 *     with Kafka's seed
 */
final class Murmur2 {

    private static final int SEED = 0x9747b28c;
    private static final int MULTIPLIER = 0x5bd1e995;
    private static final int SHIFT = 24;

    private Murmur2() {}

    /** The partition of a key. */
    static int partition(byte[] key, int partitions) {
        return (hash(key) & 0x7fffffff) % partitions;
    }

    static int hash(byte[] bytes) {
        int hash = SEED ^ bytes.length;
        int at = 0;
        for (; at + 4 <= bytes.length; at += 4) {
            int word = (bytes[at] & 0xff)
                    | ((bytes[at + 1] & 0xff) << 8)
                    | ((bytes[at + 2] & 0xff) << 16)
                    | ((bytes[at + 3] & 0xff) << 24);
            word *= MULTIPLIER;
            word ^= word >>> SHIFT;
            word *= MULTIPLIER;
            hash = (hash * MULTIPLIER) ^ word;
        }
        int rest = bytes.length - at;
        if (rest > 0) {
            for (int i = rest - 1; i >= 0; i--) {
                hash ^= (bytes[at + i] & 0xff) << (8 * i);
            }
            hash *= MULTIPLIER;
        }
        hash ^= hash >>> 13;
        hash *= MULTIPLIER;
        return hash ^ (hash >>> 15);
    }
}
