package dev.syncline.runtime.internal.log;

import dev.syncline.api.OutboxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A log in memory, for tests and simulation. Forgets what was not forced when {@link #afterPowerLoss} says so, so that
 * a simulated disk can be crashed.
 */
public final class InMemoryEventLog implements EventLog {

    private static final int MAX_ENTRY_BYTES = 16 << 20;
    private static final int SEQUENCE_BITS = 32;

    private final long segmentBytes;
    private final List<Entry> entries = new ArrayList<>();
    private long segment = 1;
    private long bytesInSegment;
    private int sequenceInSegment;
    private long forced = NONE;
    private String tailDamage = "";
    private boolean closed;

    /** A log of one segment. */
    public InMemoryEventLog() {
        this(Long.MAX_VALUE);
    }

    /**
     * An empty log.
     *
     * @param segmentBytes a segment ends when it holds so many bytes
     */
    public InMemoryEventLog(long segmentBytes) {
        this.segmentBytes = segmentBytes;
    }

    /** A new log that holds what this one would after the process ended: everything. */
    public synchronized InMemoryEventLog afterKill() {
        return copy(lastIndex());
    }

    /** A new log that holds what this one would after a power failure: what was forced. */
    public synchronized InMemoryEventLog afterPowerLoss() {
        return copy(forced);
    }

    /** As {@link #afterPowerLoss}, where so many of the entries that were not forced made it to the disk. */
    public synchronized InMemoryEventLog afterPowerLoss(int survivors) {
        int at = Math.min(entries.size(), firstAtOrAfter(forced + 1) + survivors) - 1;
        return copy(at < 0 ? NONE : entries.get(at).index);
    }

    /** As {@link #afterKill}, but what was not forced is still at risk, as it is where the machine runs on. */
    public synchronized InMemoryEventLog reopened() {
        var copy = copy(lastIndex());
        copy.forced = forced;
        return copy;
    }

    /** How many entries are not forced. */
    public synchronized int unforced() {
        return entries.size() - firstAtOrAfter(forced + 1);
    }

    /** As a flipped bit on the disk would: readers find the entry damaged. */
    public synchronized void damage(long index) {
        int at = firstAtOrAfter(index);
        entries.set(at, new Entry(entries.get(at).index, entries.get(at).bytes, true));
    }

    @Override
    public synchronized long append(byte[] entry, int offset, int length) {
        if (closed) {
            throw new OutboxException("the log is closed");
        }
        if (length > MAX_ENTRY_BYTES) {
            throw new IllegalArgumentException("entry of " + length + " bytes, the most is " + MAX_ENTRY_BYTES);
        }
        if (bytesInSegment > 0 && bytesInSegment + length > segmentBytes) {
            segment++;
            sequenceInSegment = 0;
            bytesInSegment = 0;
        }
        long index = (segment << SEQUENCE_BITS) + sequenceInSegment++;
        bytesInSegment += length;
        entries.add(new Entry(index, Arrays.copyOfRange(entry, offset, offset + length), false));
        return index;
    }

    @Override
    public synchronized LogReader newReader() {
        if (closed) {
            throw new OutboxException("the log is closed");
        }
        return new Reader();
    }

    @Override
    public synchronized void force() {
        forced = lastIndex();
    }

    @Override
    public synchronized long forcedIndex() {
        return forced;
    }

    @Override
    public synchronized long firstIndex() {
        return entries.isEmpty() ? 0 : segmentStart(entries.get(0).index);
    }

    @Override
    public synchronized long lastIndex() {
        return entries.isEmpty() ? NONE : entries.get(entries.size() - 1).index;
    }

    @Override
    public synchronized String tailDamage() {
        return tailDamage;
    }

    @Override
    public synchronized List<Segment> segments() {
        var segments = new ArrayList<Segment>();
        long start = NONE;
        long bytes = 0;
        for (var entry : entries) {
            if (segmentStart(entry.index) != start) {
                if (start != NONE) {
                    segments.add(new Segment(start, segmentStart(entry.index), bytes));
                }
                start = segmentStart(entry.index);
                bytes = 0;
            }
            bytes += entry.bytes.length;
        }
        if (start != NONE) {
            segments.add(new Segment(start, start + (1L << SEQUENCE_BITS), bytes));
        }
        return segments;
    }

    @Override
    public synchronized int dropBefore(long index) {
        var segments = segments();
        int dropped = 0;
        while (dropped < segments.size() - 1 && segments.get(dropped).endIndex() <= index) {
            dropped++;
        }
        if (dropped > 0) {
            entries.subList(0, firstAtOrAfter(segments.get(dropped).firstIndex()))
                    .clear();
        }
        return dropped;
    }

    @Override
    public int maxEntryBytes() {
        return MAX_ENTRY_BYTES;
    }

    @Override
    public synchronized void close() {
        closed = true;
    }

    private InMemoryEventLog copy(long upTo) {
        var copy = new InMemoryEventLog(segmentBytes);
        for (var entry : entries) {
            if (entry.index <= upTo) {
                copy.entries.add(entry);
                copy.segment = entry.index >>> SEQUENCE_BITS;
                copy.sequenceInSegment = (int) (entry.index - segmentStart(entry.index)) + 1;
            }
        }
        while (!copy.entries.isEmpty() && copy.entries.get(copy.entries.size() - 1).damaged) {
            copy.entries.remove(copy.entries.size() - 1);
            copy.tailDamage = "damaged by a test";
        }
        copy.bytesInSegment = copy.entries.isEmpty()
                ? 0
                : copy.segments().get(copy.segments().size() - 1).bytes();
        copy.forced = copy.lastIndex();
        return copy;
    }

    private int firstAtOrAfter(long index) {
        int low = 0;
        int high = entries.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (entries.get(middle).index < index) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private static long segmentStart(long index) {
        return (index >>> SEQUENCE_BITS) << SEQUENCE_BITS;
    }

    private static final class Entry {
        final long index;
        final byte[] bytes;
        final boolean damaged;

        Entry(long index, byte[] bytes, boolean damaged) {
            this.index = index;
            this.bytes = bytes;
            this.damaged = damaged;
        }
    }

    private final class Reader implements LogReader {

        private long nextIndex;
        private Entry current = new Entry(NONE, new byte[0], false);

        @Override
        public Step next() {
            synchronized (InMemoryEventLog.this) {
                if (closed) {
                    throw new OutboxException("the log is closed");
                }
                int at = firstAtOrAfter(nextIndex);
                if (at == entries.size()) {
                    return Step.NOTHING;
                }
                current = entries.get(at);
                nextIndex = current.index + 1;
                return current.damaged ? Step.DAMAGED : Step.ENTRY;
            }
        }

        @Override
        public long index() {
            return current.index;
        }

        @Override
        public byte[] array() {
            return current.bytes;
        }

        @Override
        public int offset() {
            return 0;
        }

        @Override
        public int length() {
            return current.bytes.length;
        }

        @Override
        public String damage() {
            return current.damaged ? "damaged by a test" : "";
        }

        @Override
        public void moveTo(long index) {
            nextIndex = index;
        }

        @Override
        public void moveToEnd() {
            nextIndex = lastIndex() + 1;
        }

        @Override
        public void close() {
            // holds nothing
        }
    }
}
