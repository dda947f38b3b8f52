package dev.syncline.runtime.internal.log;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Takes the blocks of a file from the file system before they are written through the mapping, where a full disk cannot
 * be told in any other way than by a fault. Chronicle's files are sparse, so each is filled ahead with the zeros that it
 * reads as anyway; its head too, before Chronicle opens it.
 *
 * <p>Threading: the one that appends.
 */
final class Allocation {

    /** Ahead of what is needed, so that it is seldom done. */
    private static final int STEP_BYTES = 512 << 10;

    /** What Chronicle's index pages fit into, which it writes between entries. */
    private static final int INDEX_PAGE_BYTES = 64 << 10;

    private final DiskFile file;
    private final ByteBuffer zeros = ByteBuffer.allocate(64 << 10);
    private long allocatedTo;

    Allocation(DiskFile file) {
        this.file = file;
    }

    /** Whether {@link #extend} is called for before so many bytes are written at the position. */
    boolean isNeeded(long position, long bytes) {
        return position + bytes + INDEX_PAGE_BYTES > allocatedTo;
    }

    /** How much an {@link #extend} takes at most. */
    static long step(long bytes) {
        return bytes + INDEX_PAGE_BYTES + STEP_BYTES;
    }

    /**
     * Makes room for so many bytes at the position, where nothing is written yet. If it fails it may be called again.
     *
     * @throws IOException if there is no room
     */
    void extend(long position, long bytes) throws IOException {
        long to = position + step(bytes);
        while (allocatedTo < to) {
            zeros.clear().limit((int) Math.min(zeros.capacity(), to - allocatedTo));
            file.write(zeros, allocatedTo);
            allocatedTo += zeros.limit();
        }
    }
}
