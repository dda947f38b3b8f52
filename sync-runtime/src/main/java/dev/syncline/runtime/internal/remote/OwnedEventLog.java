package dev.syncline.runtime.internal.remote;

import dev.syncline.api.OutboxFullException;
import dev.syncline.runtime.internal.log.EventLog;
import dev.syncline.runtime.internal.log.LogReader;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.OwnedLog.LogEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * A log elsewhere, under a park store. Entries gather in memory until {@link #force} hands them over; then they are as
 * durable as the store makes them; each in an {@link EntryFrame}. The indices are given here, since nobody else appends: the first one of a log is drawn
 * by lot, so that letters of two logs have different names.
 *
 * <p>Failure: what its {@linkplain LogCalls calls} throw. What could not be handed over is handed over by a later force.
 */
public final class OwnedEventLog implements EventLog {

    /** Entries that are dropped together. */
    private static final int SEGMENT_BITS = 10;

    private static final int BASE_BITS = 42;
    private static final int BASE_SHIFT = 20;
    private static final int MAX_CALL_BYTES = 1 << 20;
    private static final int PAGE = 256;

    private final LogCalls calls;
    private final int maxEntryBytes;
    private final long maxUnsentBytes;
    private final Object forcing = new Object();

    // guarded by this
    private final ArrayList<LogEntry> unsent = new ArrayList<>();
    private final TreeMap<Long, Long> bytesOfSegments = new TreeMap<>();
    private long unsentBytes;
    private long last;
    private long known;
    private long sent;
    private long dropped;

    /**
     * A log that was taken.
     *
     * @param maxUnsentBytes what may wait to be forced; beyond it nothing is appended
     * @param lot 64 random bits
     */
    public OwnedEventLog(LogCalls calls, long maxUnsentBytes, long lot) {
        this.calls = calls;
        this.maxEntryBytes = calls.maxEntryBytes() - EntryFrame.HEADER_BYTES;
        this.maxUnsentBytes = maxUnsentBytes;
        var page = calls.read(0, 1);
        sent = page.newest();
        last = page.newest() == 0 ? (lot >>> (Long.SIZE - BASE_BITS)) << BASE_SHIFT : page.newest();
        if (page.entries().isEmpty()) {
            known = sent;
        } else {
            dropped = page.entries().get(0).index();
            known = dropped - 1;
        }
    }

    @Override
    public synchronized long append(byte[] entry, int offset, int length) {
        if (length > maxEntryBytes) {
            throw new IllegalArgumentException("entry of " + length + " bytes, the most is " + maxEntryBytes);
        }
        if (unsentBytes > maxUnsentBytes) {
            throw new OutboxFullException(
                    unsentBytes + " bytes wait to be parked elsewhere: nothing more is taken before");
        }
        last++;
        var framed = EntryFrame.of(last, entry, offset, length);
        unsentBytes += framed.data().length();
        unsent.add(framed);
        count(last, framed.data().length());
        return last;
    }

    private void count(long index, int bytes) {
        bytesOfSegments.merge(segment(index), (long) bytes, Long::sum);
        known = Math.max(known, index);
    }

    private static long segment(long index) {
        return index >>> SEGMENT_BITS << SEGMENT_BITS;
    }

    @Override
    public void force() {
        synchronized (forcing) {
            while (true) {
                var batch = nextBatch();
                if (batch.isEmpty()) {
                    return;
                }
                calls.append(batch);
                sent(batch);
            }
        }
    }

    private synchronized List<LogEntry> nextBatch() {
        var batch = new ArrayList<LogEntry>();
        long bytes = 0;
        for (var entry : unsent) {
            bytes += entry.data().length();
            if (!batch.isEmpty() && bytes > MAX_CALL_BYTES) {
                break;
            }
            batch.add(entry);
        }
        return batch;
    }

    private synchronized void sent(List<LogEntry> batch) {
        batch.forEach(entry -> unsentBytes -= entry.data().length());
        unsent.subList(0, batch.size()).clear();
        sent = batch.get(batch.size() - 1).index();
    }

    @Override
    public synchronized long forcedIndex() {
        return sent == 0 ? NONE : sent;
    }

    @Override
    public synchronized long firstIndex() {
        return dropped;
    }

    @Override
    public synchronized long lastIndex() {
        return sent == 0 && unsent.isEmpty() ? NONE : last;
    }

    @Override
    public String tailDamage() {
        return ""; // the store has an entry or has it not
    }

    @Override
    public synchronized List<Segment> segments() {
        var segments = new ArrayList<Segment>(bytesOfSegments.size());
        bytesOfSegments.forEach(
                (first, bytes) -> segments.add(new Segment(first, first + (1L << SEGMENT_BITS), bytes)));
        return segments;
    }

    @Override
    public int dropBefore(long index) {
        long keep;
        int count;
        synchronized (this) {
            var gone = bytesOfSegments.headMap(segment(Math.min(index, last)));
            count = gone.size();
            if (count == 0) {
                return 0;
            }
            gone.clear();
            keep = bytesOfSegments.firstKey();
            dropped = keep;
        }
        calls.drop(keep);
        return count;
    }

    @Override
    public int maxEntryBytes() {
        return maxEntryBytes;
    }

    @Override
    public LogReader newReader() {
        return new Reader();
    }

    /** What was forced stays; the rest never was. */
    @Override
    public void close() {}

    /** What is not sent yet, from an index on. */
    private synchronized List<LogEntry> unsentFrom(long from) {
        return unsent.stream().filter(entry -> entry.index() >= from).toList();
    }

    private synchronized boolean isSent(long index) {
        return index <= sent;
    }

    /** Counts what earlier owners appended, as it is read for the first time. */
    private synchronized void noteRead(LogEntry entry) {
        if (entry.index() > known) {
            count(entry.index(), entry.data().length());
        }
    }

    private final class Reader implements LogReader {

        private long next;
        private List<LogEntry> page = List.of();
        private int at;
        private int pageSize = 1;
        private LogEntry current = new LogEntry(NONE, Bytes.empty());
        private String damage = "";

        @Override
        public Step next() {
            if (at == page.size()) {
                page = isSent(next) ? calls.read(next, pageSize).entries() : List.of();
                if (page.isEmpty()) {
                    page = unsentFrom(next);
                }
                pageSize = PAGE; // who reads on wants more
                at = 0;
                if (page.isEmpty()) {
                    return Step.NOTHING;
                }
            }
            current = page.get(at++);
            next = current.index() + 1;
            noteRead(current);
            damage = EntryFrame.damage(current);
            return damage.isEmpty() ? Step.ENTRY : Step.DAMAGED;
        }

        @Override
        public long index() {
            return current.index();
        }

        @Override
        public byte[] array() {
            return current.data().array();
        }

        @Override
        public int offset() {
            return current.data().offset() + EntryFrame.HEADER_BYTES;
        }

        @Override
        public int length() {
            return damage.isEmpty() ? current.data().length() - EntryFrame.HEADER_BYTES : 0;
        }

        @Override
        public String damage() {
            return damage;
        }

        @Override
        public void moveTo(long index) {
            next = index;
            page = List.of();
            at = 0;
            pageSize = 1;
        }

        @Override
        public void moveToEnd() {
            synchronized (OwnedEventLog.this) {
                moveTo(last + 1);
            }
        }

        @Override
        public void close() {}
    }
}
