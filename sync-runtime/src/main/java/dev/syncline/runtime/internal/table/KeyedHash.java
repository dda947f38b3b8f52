package dev.syncline.runtime.internal.table;

import dev.syncline.spi.Bytes;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * SipHash-1-3 with 128 bits of output (Aumasson and Bernstein 2012; the wide output is that of their reference
 * implementation): one round per word, three at the end, as languages use it for their hash tables, where the attacker sees
 * no hash. Keyed with bits that nobody outside knows, so that nobody can choose two ids that meet in a table: an
 * id that meets another would be dropped as its duplicate.
 *
 * <p>Used as a run of {@code begin, put…, end}, after which {@link #high} and {@link #low} are the hash. What is put is
 * told apart: {@code ("a", "bc")} differs from {@code ("ab", "c")}.
 *
 * <p>Threading: one thread at a time. Makes no garbage.
 */
public final class KeyedHash {

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    /** Kept between runs; a longer input, such as a key of a megabyte, has a buffer for its run only. */
    private static final int KEPT_BYTES = 4 << 10;

    private static final byte ASCII = 1;
    private static final byte UTF_16 = 2;
    private static final byte NUMBER = 3;

    private byte[] input = new byte[256];
    private int length;
    private long high;
    private long low;

    /** Begins a run. */
    public KeyedHash begin() {
        length = 0;
        if (input.length > KEPT_BYTES) {
            input = new byte[256];
        }
        return this;
    }

    /** Adds a text: any, also one that is not well-formed. */
    public KeyedHash put(String text) {
        int chars = text.length();
        ensure(5L + 2L * chars);
        int at = length + 5;
        int all = 0;
        for (int i = 0; i < chars; i++) {
            char c = text.charAt(i);
            all |= c;
            input[at + i] = (byte) c;
        }
        boolean isAscii = all < 0x80;
        input[length] = isAscii ? ASCII : UTF_16;
        INTS.set(input, length + 1, chars);
        if (!isAscii) {
            for (int i = 0; i < chars; i++) {
                char c = text.charAt(i);
                input[at + 2 * i] = (byte) c;
                input[at + 2 * i + 1] = (byte) (c >>> 8);
            }
        }
        length = at + (isAscii ? chars : 2 * chars);
        return this;
    }

    /** Adds a number. */
    public KeyedHash put(long number) {
        ensure(9);
        input[length] = NUMBER;
        LONGS.set(input, length + 1, number);
        length += 9;
        return this;
    }

    /** Ends the run. */
    public void end(long key0, long key1) {
        hash(key0, key1, input, 0, length);
    }

    /** The hash of bytes that are at hand; a run that has begun is not touched. */
    public void of(long key0, long key1, Bytes bytes) {
        hash(key0, key1, bytes.array(), bytes.offset(), bytes.length());
    }

    /** First half of the last hash. */
    public long high() {
        return high;
    }

    /** Second half of the last hash. */
    public long low() {
        return low;
    }

    private void ensure(long more) {
        if (length + more > input.length) {
            long wanted = Math.max(length + more, 2L * input.length);
            input = Arrays.copyOf(input, (int) Math.min(wanted, Integer.MAX_VALUE - 8));
        }
    }

    private void hash(long key0, long key1, byte[] bytes, int offset, int count) {
        long v0 = key0 ^ 0x736f6d6570736575L;
        long v1 = key1 ^ 0x646f72616e646f6dL ^ 0xee;
        long v2 = key0 ^ 0x6c7967656e657261L;
        long v3 = key1 ^ 0x7465646279746573L;

        int words = count >>> 3;
        for (int word = 0; word <= words; word++) {
            int at = offset + (word << 3);
            long m = word < words ? (long) LONGS.get(bytes, at) : last(bytes, at, count);
            v3 ^= m;
            v0 += v1;
            v2 += v3;
            v1 = Long.rotateLeft(v1, 13) ^ v0;
            v3 = Long.rotateLeft(v3, 16) ^ v2;
            v0 = Long.rotateLeft(v0, 32);
            v2 += v1;
            v0 += v3;
            v1 = Long.rotateLeft(v1, 17) ^ v2;
            v3 = Long.rotateLeft(v3, 21) ^ v0;
            v2 = Long.rotateLeft(v2, 32);
            v0 ^= m;
        }

        v2 ^= 0xee;
        for (int half = 0; half < 2; half++) {
            for (int round = 0; round < 3; round++) {
                v0 += v1;
                v2 += v3;
                v1 = Long.rotateLeft(v1, 13) ^ v0;
                v3 = Long.rotateLeft(v3, 16) ^ v2;
                v0 = Long.rotateLeft(v0, 32);
                v2 += v1;
                v0 += v3;
                v1 = Long.rotateLeft(v1, 17) ^ v2;
                v3 = Long.rotateLeft(v3, 21) ^ v0;
                v2 = Long.rotateLeft(v2, 32);
            }
            if (half == 0) {
                high = v0 ^ v1 ^ v2 ^ v3;
                v1 ^= 0xdd;
            } else {
                low = v0 ^ v1 ^ v2 ^ v3;
            }
        }
    }

    /** The bytes that fill no word, and the length of all. */
    private static long last(byte[] bytes, int at, int count) {
        long m = (long) count << 56;
        for (int i = (count & 7) - 1; i >= 0; i--) {
            m |= (bytes[at + i] & 0xffL) << (i << 3);
        }
        return m;
    }
}
