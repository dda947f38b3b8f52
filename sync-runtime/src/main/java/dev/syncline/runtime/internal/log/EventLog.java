package dev.syncline.runtime.internal.log;

import dev.syncline.api.OutboxException;
import dev.syncline.api.OutboxFullException;
import java.util.List;

/**
 * An append-only sequence of opaque entries, kept in segments that are dropped whole.
 *
 * <p>An entry is there for good once {@link #append} has returned: whatever happens to the process, it will be read
 * again, whole. Once a {@link #force} that began later has returned, it survives the machine too.
 *
 * <p>An index is at least 0 and grows from entry to entry, with gaps where a segment ended. {@link #NONE} stands for no
 * entry.
 *
 * <p>Threading: {@link #append} by one thread at a time, the caller serialises; everything else by any thread, also
 * meanwhile. An implementation owns no thread that works on its own.
 *
 * <p>Failure: an {@link OutboxException} that is not an {@link OutboxFullException} says that the log can no longer be
 * trusted; every later append throws too, until it is closed and opened again.
 */
public interface EventLog extends AutoCloseable {

    /** No index. */
    long NONE = -1;

    /**
     * Appends an entry.
     *
     * @param length at most {@link #maxEntryBytes}
     * @return its index
     * @throws OutboxFullException if there is no room; nothing was appended
     * @throws OutboxException if the disk failed; the entry may or may not be there
     * @throws IllegalArgumentException if the entry is too large; nothing was appended
     */
    long append(byte[] entry, int offset, int length);

    /** A reader that stands before the oldest entry. Close it before the log. */
    LogReader newReader();

    /**
     * Makes everything appended before this call survive a power failure. Blocks for the disk.
     *
     * @throws OutboxException if the disk failed
     */
    void force();

    /** The newest index that a {@link #force} covers, {@link #NONE} if there is none. */
    long forcedIndex();

    /** No entry has an index below this; 0 if nothing was ever appended. */
    long firstIndex();

    /** The index of the newest entry, {@link #NONE} if there is none. */
    long lastIndex();

    /**
     * What was found behind the newest entry when the log was opened and could not be read: entries that were lost, as
     * nothing but a failing disk or a power failure makes them. Empty if nothing was.
     */
    String tailDamage();

    /** The segments from the oldest on; the last one is being written. */
    List<Segment> segments();

    /**
     * Deletes the segments whose entries are all below {@code index}; never the one that holds the newest entry, nor a
     * later one. A reader that stands in a deleted segment may read it to its end, and goes on with the oldest there is.
     *
     * @return how many segments were deleted
     */
    int dropBefore(long index);

    /** The largest entry, in bytes. */
    int maxEntryBytes();

    /** Releases everything; idempotent. Appended entries stay as durable as they are. */
    @Override
    void close();

    /**
     * A run of entries that is dropped whole.
     *
     * @param firstIndex no entry of it is below
     * @param endIndex all entries of it are below, those of the next are not
     * @param bytes what it takes, frames included; approximate for older segments
     */
    record Segment(long firstIndex, long endIndex, long bytes) {}
}
