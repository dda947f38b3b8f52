package dev.syncline.runtime.internal.remote;

import dev.syncline.api.OutboxException;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.OwnedLog.LogEntry;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * What stands before each entry of a log elsewhere, so that one is told that is not what was appended, whatever has become
 * of it on its way there, in the store and back. Numbers are big-endian.
 *
 * <pre>
 *  0   version   u8    1
 *  1   CRC-32C   i32   of the version, the entry's index (i64) and the entry
 *  5   entry
 * </pre>
 *
 * <p>Whatever the version, these five bytes and what the sum is of stay: so an entry of a release to come is told from a
 * damaged one, whose sum does not fit (S28).
 */
final class EntryFrame {

    static final int HEADER_BYTES = 5;

    private static final byte VERSION = 1;
    private static final int AT_CRC = 1;

    private EntryFrame() {}

    /** The entry as it goes to the store. */
    static LogEntry of(long index, byte[] entry, int offset, int length) {
        var framed = new byte[HEADER_BYTES + length];
        framed[0] = VERSION;
        System.arraycopy(entry, offset, framed, HEADER_BYTES, length);
        ByteBuffer.wrap(framed).putInt(AT_CRC, sum(index, framed, 0, framed.length));
        return new LogEntry(index, Bytes.wrap(framed));
    }

    /**
     * What is wrong with an entry; empty if it is what was appended.
     *
     * @throws OutboxException if a newer release wrote it
     */
    static String damage(LogEntry entry) {
        var data = entry.data();
        if (data.length() < HEADER_BYTES) {
            return "it has only " + data.length() + " bytes";
        }
        int sum = ByteBuffer.wrap(data.array(), data.offset(), data.length())
                .slice()
                .getInt(AT_CRC);
        if (sum != sum(entry.index(), data.array(), data.offset(), data.length())) {
            return "its sum does not fit";
        }
        byte version = data.array()[data.offset()];
        if (version != VERSION) {
            throw new OutboxException("entry " + entry.index() + " of the parked events has a frame of version "
                    + version + ", this release reads " + VERSION
                    + ": it was written by a newer release, go on with that one");
        }
        return "";
    }

    private static int sum(long index, byte[] framed, int offset, int length) {
        var crc = new CRC32C();
        crc.update(framed[offset]);
        crc.update(ByteBuffer.allocate(Long.BYTES).putLong(0, index));
        crc.update(framed, offset + HEADER_BYTES, length - HEADER_BYTES);
        return (int) crc.getValue();
    }
}
