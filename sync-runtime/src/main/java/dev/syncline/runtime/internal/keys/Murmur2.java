package dev.syncline.runtime.internal.keys;

import java.util.Objects;

/**
 * MurmurHash2, 32 bits, seed {@code 0x9747b28c}: the hash by which Kafka's default partitioner and compatible clients
 * choose a partition. Public domain algorithm of Austin Appleby.
 *
 * <p>Threading: any. Makes no garbage.
 */
public final class Murmur2 {

    private static final int SEED = 0x9747b28c;
    private static final int M = 0x5bd1e995;
    private static final int R = 24;

    private Murmur2() {}

    /** The hash of a run of bytes. */
    public static int hash(byte[] bytes, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        int hash = SEED ^ length;
        int at = offset;
        int tail = offset + (length & ~3);
        for (; at < tail; at += 4) {
            hash = mix(
                    hash,
                    (bytes[at] & 0xff)
                            | ((bytes[at + 1] & 0xff) << 8)
                            | ((bytes[at + 2] & 0xff) << 16)
                            | ((bytes[at + 3] & 0xff) << 24));
        }
        int rest = 0;
        for (int i = (length & 3) - 1; i >= 0; i--) {
            rest = (rest << 8) | (bytes[tail + i] & 0xff);
        }
        return finish(hash, rest, length & 3);
    }

    /** The hash of a text that is all ASCII, equal to that of its bytes. */
    static int hashAscii(CharSequence ascii) {
        int length = ascii.length();
        int hash = SEED ^ length;
        int at = 0;
        int tail = length & ~3;
        for (; at < tail; at += 4) {
            hash = mix(
                    hash,
                    ascii.charAt(at)
                            | (ascii.charAt(at + 1) << 8)
                            | (ascii.charAt(at + 2) << 16)
                            | (ascii.charAt(at + 3) << 24));
        }
        int rest = 0;
        for (int i = (length & 3) - 1; i >= 0; i--) {
            rest = (rest << 8) | ascii.charAt(tail + i);
        }
        return finish(hash, rest, length & 3);
    }

    private static int mix(int hash, int block) {
        int k = block * M;
        k ^= k >>> R;
        return (hash * M) ^ (k * M);
    }

    private static int finish(int hash, int rest, int restLength) {
        int h = restLength == 0 ? hash : (hash ^ rest) * M;
        h ^= h >>> 13;
        h *= M;
        return h ^ (h >>> 15);
    }
}
