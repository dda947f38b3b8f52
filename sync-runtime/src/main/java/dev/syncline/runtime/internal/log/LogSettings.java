package dev.syncline.runtime.internal.log;

import java.time.Duration;

/**
 * How a log uses the disk.
 *
 * @param blockBytes how much of a file is mapped at once; a quarter of it is the largest entry
 * @param segmentBytes a file that holds so much is followed by a new one
 * @param segmentAge a file that was begun so long ago is followed by a new one at the next append
 * @param reserveBytes free space on the volume that an append leaves alone
 */
public record LogSettings(int blockBytes, long segmentBytes, Duration segmentAge, long reserveBytes) {

    /** Smallest block, in bytes. */
    public static final int MIN_BLOCK_BYTES = 64 << 10;

    private static final int DEFAULT_BLOCK_BYTES = 64 << 20;

    public LogSettings {
        if (blockBytes < MIN_BLOCK_BYTES || Integer.bitCount(blockBytes) != 1) {
            throw new IllegalArgumentException(
                    "a block is a power of two from " + MIN_BLOCK_BYTES + " bytes on, not " + blockBytes);
        }
        if (segmentBytes <= 0 || segmentAge.isNegative() || segmentAge.isZero() || reserveBytes < 0) {
            throw new IllegalArgumentException("segment size and age are positive, the reserve is at least 0: "
                    + segmentBytes + ", " + segmentAge + ", " + reserveBytes);
        }
    }

    /** Blocks of 64 MiB, a new file after 256 MiB or an hour, two blocks and a tenth in reserve. */
    public static LogSettings defaults() {
        return ofBlock(DEFAULT_BLOCK_BYTES);
    }

    /** The defaults, in proportion to another block. */
    public static LogSettings ofBlock(int blockBytes) {
        return new LogSettings(blockBytes, 4L * blockBytes, Duration.ofHours(1), 2L * blockBytes * 11 / 10);
    }

    /** With another segment size. */
    public LogSettings withSegmentBytes(long bytes) {
        return new LogSettings(blockBytes, bytes, segmentAge, reserveBytes);
    }

    /** With another segment age. */
    public LogSettings withSegmentAge(Duration age) {
        return new LogSettings(blockBytes, segmentBytes, age, reserveBytes);
    }

    /** With another reserve. */
    public LogSettings withReserveBytes(long bytes) {
        return new LogSettings(blockBytes, segmentBytes, segmentAge, bytes);
    }
}
