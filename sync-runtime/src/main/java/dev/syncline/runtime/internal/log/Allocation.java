package dev.syncline.runtime.internal.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Takes the blocks of a file from the file system before they are written through the mapping, where a full disk cannot
 * be told in any other way than by a fault. Chronicle's files are sparse, so each is filled ahead with what it reads as
 * there already: zeros, and in front what Chronicle has written.
 *
 * <p>Threading: the one that appends.
 */
final class Allocation {

    /** Ahead of what is needed, so that it is seldom done; also what Chronicle's index pages fit into. */
    private static final int STEP_BYTES = 512 << 10;

    private static final int INDEX_PAGE_BYTES = 64 << 10;

    private final DiskFile file;
    private final ByteBuffer copy = ByteBuffer.allocate(64 << 10);
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
        if (allocatedTo == 0) {
            copyToItself(position);
        }
        zero(Math.max(position, allocatedTo), position + step(bytes));
    }

    private void copyToItself(long to) throws IOException {
        for (long at = 0; at < to; at += copy.capacity()) {
            copy.clear().limit((int) Math.min(copy.capacity(), to - at));
            file.read(copy, at);
            copy.flip();
            file.write(copy, at);
        }
        allocatedTo = to;
    }

    private void zero(long from, long to) throws IOException {
        Arrays.fill(copy.array(), (byte) 0);
        for (long at = from; at < to; at += copy.capacity()) {
            copy.clear().limit((int) Math.min(copy.capacity(), to - at));
            file.write(copy, at);
            allocatedTo = Math.min(to, at + copy.capacity());
        }
    }
}
