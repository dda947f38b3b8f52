package dev.syncline.runtime.internal.log;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * What stands before each entry in a file, so that an entry is known to be whole, and found behind a damaged one.
 * Numbers are big-endian; a frame begins at a multiple of four.
 *
 * <pre>
 *  0   magic               "SYN"
 *  3   version             u8    the digit '1'
 *  4   length              i32   of the entry
 *  8   index               i64   its place in the log: a frame found anywhere else is not taken for it
 * 16   CRC-32C             i32   of the 16 bytes before and the entry
 * 20   entry
 * </pre>
 *
 * <p>Whatever the version, these twenty bytes and what the sum is of stay: so a whole frame of a release to come is told from
 * a damaged one, whose sum does not fit, and is refused rather than taken for damage (S28).
 */
final class Frame {

    static final int HEADER_BYTES = 20;
    static final int ALIGNMENT = 4;
    static final int VERSION = 1;
    static final int MAGIC = ('S' << 24) | ('Y' << 16) | ('N' << 8) | ('0' + VERSION);

    private static final int NAME = 0xffff_ff00;
    private static final int AT_LENGTH = 4;
    private static final int AT_INDEX = 8;
    private static final int AT_CRC = 16;

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private Frame() {}

    /** Writes the header for an entry to the beginning of {@code header}. */
    static void fill(byte[] header, long index, byte[] entry, int offset, int length, CRC32C crc) {
        INT.set(header, 0, MAGIC);
        INT.set(header, AT_LENGTH, length);
        LONG.set(header, AT_INDEX, index);
        crc.reset();
        crc.update(header, 0, AT_CRC);
        crc.update(entry, offset, length);
        INT.set(header, AT_CRC, (int) crc.getValue());
    }

    /** Whether a frame may be here, of any version. */
    static boolean hasMagic(byte[] bytes, int at) {
        return ((int) INT.get(bytes, at) & NAME) == (MAGIC & NAME);
    }

    static int version(byte[] bytes, int at) {
        return ((int) INT.get(bytes, at) & ~NAME) - '0';
    }

    static int length(byte[] bytes, int at) {
        return (int) INT.get(bytes, at + AT_LENGTH);
    }

    static long index(byte[] bytes, int at) {
        return (long) LONG.get(bytes, at + AT_INDEX);
    }

    /** Whether the sum fits, whatever the version; the whole frame is in the array. */
    static boolean isIntact(byte[] bytes, int at, CRC32C crc) {
        crc.reset();
        crc.update(bytes, at, AT_CRC);
        crc.update(bytes, at + HEADER_BYTES, length(bytes, at));
        return (int) crc.getValue() == (int) INT.get(bytes, at + AT_CRC);
    }

    /** The next place where a frame may begin. */
    static long aligned(long position) {
        return (position + ALIGNMENT - 1) & -ALIGNMENT;
    }
}
