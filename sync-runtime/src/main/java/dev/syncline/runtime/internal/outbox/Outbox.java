package dev.syncline.runtime.internal.outbox;

import dev.syncline.api.OutboxException;
import dev.syncline.api.OutboxFullException;
import dev.syncline.runtime.Durability;
import dev.syncline.runtime.internal.log.EventLog;
import dev.syncline.runtime.internal.log.LogReader;
import dev.syncline.runtime.internal.log.StoreId;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Takes encoded events and keeps them until they are shipped, and for a retention after that.
 *
 * <p>Threading: {@link #append} by any thread, serialised; each reader by one thread. It owns no thread: a disk sync is
 * done by one of the callers that wait for it, the rest by those who ask for it.
 *
 * <p>Owns the log, the numbers of its entries and what readers may see of it: under {@link Durability#DISK} only what
 * has been forced. Hands on entries in the order of their numbers, which go up by one.
 *
 * <p>When it fails: no room is {@link OutboxFullException}, and nothing was stored. Any other {@link OutboxException}
 * from an append leaves it open whether the events are stored (the disk failed), and the outbox refuses from then on:
 * what is on the disk shows after the next start.
 */
public final class Outbox implements AutoCloseable {

    /** Writers kept for use again; one per thread that appends at the same time is enough. */
    private static final int WRITERS = 8;

    private static final int KEPT_BUFFER_BYTES = 256 << 10;
    private static final int MAX_REMEMBERED_FINDINGS = 10_000;

    private final EventLog log;
    private final StoreId storeId;
    private final String storeIdText;
    private final OutboxSettings settings;
    private final InstantSource clock;
    private final OutboxAlarms alarms;
    private final Numbering numbering;
    private final Retention retention;
    private final GroupCommit groupCommit;
    private final WriterPool writers = new WriterPool(WRITERS);
    private final AtomicLong damaged = new AtomicLong();
    private final AtomicLong gaps = new AtomicLong();
    private final Set<Long> reported = new HashSet<>();

    private final ReentrantLock appending = new ReentrantLock();
    private final ReentrantLock retaining = new ReentrantLock();
    private long nextN;
    private boolean restarted;
    private long waitingBytes;
    private boolean closed;
    private volatile long lastN;
    private volatile long lastIndex;
    private volatile long appendedIndex;
    private volatile Runnable[] listeners = {};

    Outbox(
            EventLog log,
            StoreId storeId,
            OutboxSettings settings,
            InstantSource clock,
            OutboxAlarms alarms,
            Numbering numbering) {
        this.log = log;
        this.storeId = storeId;
        this.storeIdText = storeId.toString();
        this.settings = settings;
        this.clock = clock;
        this.alarms = alarms;
        this.numbering = numbering;
        this.retention = new Retention(settings.retention(), settings.retentionBytes());
        lastIndex = log.lastIndex();
        appendedIndex = lastIndex;
        if (settings.durability() == Durability.DISK) {
            log.force();
        }
        groupCommit = new GroupCommit(log, this::wakeListeners);
        var tail = readTail();
        lastN = tail.lastN;
        nextN = numbering.resume(tail.lastN, tail.isDamaged);
        restarted = nextN != lastN + 1;
    }

    /** An outbox over a log, whose owner sees to it that the log never forgets: memory, simulation. */
    public static Outbox over(
            EventLog log, StoreId storeId, OutboxSettings settings, InstantSource clock, OutboxAlarms alarms) {
        return new Outbox(log, storeId, settings, clock, alarms, Numbering.TRUSTING);
    }

    /**
     * Appends events, all or none, and returns once they are as durable as the settings say.
     *
     * <p>Blocks for one disk sync, or two, under {@code DISK}; never for a broker.
     *
     * @param entries not empty, at most 65,535; in this order they are shipped
     * @throws OutboxFullException if there is no room; nothing was stored, try again later
     * @throws OutboxException if the disk failed, the outbox is closed, or the events together are too large for it
     */
    public Appended append(List<Outgoing> entries) {
        int count = entries.size();
        if (count == 0 || count > DocumentLayout.MAX_COUNT) {
            throw new IllegalArgumentException("1 to " + DocumentLayout.MAX_COUNT + " events at once, not " + count);
        }
        var writer = writers.take();
        try {
            writer.begin(storeId, count);
            for (int i = 0; i < count; i++) {
                var entry = entries.get(i);
                writer.add(entry.broker(), entry.message());
            }
            return append(writer, count);
        } finally {
            writer.shrink(KEPT_BUFFER_BYTES);
            writers.give(writer);
        }
    }

    private Appended append(DocumentWriter document, int count) {
        int length = document.length();
        if (length > log.maxEntryBytes()) {
            throw new OutboxException(count + " events published at once take " + length + " bytes, the outbox takes "
                    + log.maxEntryBytes() + ": publish fewer at once, or set a larger block");
        }
        long index;
        long firstN;
        appending.lock();
        try {
            checkOpen();
            if (waitingBytes + length > settings.maxBytes()) {
                throw new OutboxFullException("the outbox holds " + waitingBytes
                        + " bytes that are not shipped yet, its limit is " + settings.maxBytes());
            }
            firstN = nextN;
            numbering.cover(firstN + count - 1);
            document.stamp(firstN, clock.millis(), restarted);
            index = log.append(document.array(), 0, length);
            restarted = false;
            nextN = firstN + count;
            waitingBytes += length;
            lastN = nextN - 1;
            lastIndex = index;
            appendedIndex = index;
        } finally {
            appending.unlock();
        }
        if (settings.durability() == Durability.DISK) {
            groupCommit.await(index);
        } else {
            wakeListeners();
        }
        return new Appended(index, firstN);
    }

    /** A reader that stands before the oldest entry. Close it before the outbox. */
    public OutboxReader newReader() {
        return new OutboxReader(this, log.newReader());
    }

    /** A reader that stands before the first entry whose index is at least this. */
    public OutboxReader newReader(long fromIndex) {
        var reader = newReader();
        reader.moveTo(fromIndex, 0);
        return reader;
    }

    /**
     * Has a task run after each append, once readers can see it, by the thread that appended or forced. It must be cheap
     * and must not throw: waking a thread, nothing else.
     *
     * @return ends it
     */
    public Registration onAppend(Runnable listener) {
        synchronized (reported) {
            var more = Arrays.copyOf(listeners, listeners.length + 1);
            more[listeners.length] = listener;
            listeners = more;
        }
        return () -> {
            synchronized (reported) {
                listeners = Arrays.stream(listeners)
                        .filter(each -> each != listener)
                        .toArray(Runnable[]::new);
            }
        };
    }

    /**
     * Says what is still needed, makes room by the settings' retention, and tells the limit of bytes how much waits.
     * To be called now and then, from one thread or several.
     *
     * @param lowestNeededIndex index of the oldest entry that somebody still has to read; {@code Long.MAX_VALUE} if
     *     nobody needs any
     * @return how many files were deleted
     */
    public int retain(long lowestNeededIndex, Instant now) {
        retaining.lock();
        try {
            appending.lock();
            try {
                checkOpen();
                waitingBytes = bytesFrom(lowestNeededIndex);
            } finally {
                appending.unlock();
            }
            long dropBefore = retention.dropBefore(log.segments(), lowestNeededIndex, now, this::appendedAtOrAfter);
            return log.dropBefore(dropBefore);
        } finally {
            retaining.unlock();
        }
    }

    private long bytesFrom(long lowestNeededIndex) {
        if (lowestNeededIndex > lastIndex) {
            return 0;
        }
        long bytes = 0;
        for (var segment : log.segments()) {
            if (segment.endIndex() > lowestNeededIndex) {
                bytes += segment.bytes();
            }
        }
        return bytes;
    }

    /** When the first entry at or after an index was appended; now, if there is none. */
    private Instant appendedAtOrAfter(long index) {
        try (var reader = newReader(index)) {
            return reader.next() ? Instant.ofEpochMilli(reader.appendedAtMillis()) : clock.instant();
        }
    }

    /** How it stands. Reads the oldest entry, so not for every event. */
    public OutboxStats stats() {
        long bytes = 0;
        var segments = log.segments();
        for (var segment : segments) {
            bytes += segment.bytes();
        }
        Optional<Instant> oldest;
        try (var reader = newReader()) {
            oldest = reader.next() ? Optional.of(Instant.ofEpochMilli(reader.appendedAtMillis())) : Optional.empty();
        }
        return new OutboxStats(
                lastN, lastIndex, visibleIndex(), bytes, segments.size(), oldest, damaged.get(), gaps.get());
    }

    /** Who this outbox is, for ever. */
    public StoreId storeId() {
        return storeId;
    }

    /** Number of the newest entry, 0 if there never was one. */
    public long lastN() {
        return lastN;
    }

    /** Index of the newest entry, -1 if there is none. */
    public long lastIndex() {
        return lastIndex;
    }

    /** No entry has an index below this. */
    public long firstIndex() {
        return log.firstIndex();
    }

    /** The newest index that readers see, -1 if there is none. */
    public long visibleIndex() {
        return settings.durability() == Durability.DISK ? groupCommit.forcedIndex() : appendedIndex;
    }

    /** Forces what is there and releases the files. Idempotent; an append that waits for a sync gets its answer. */
    @Override
    public void close() {
        appending.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
        } finally {
            appending.unlock();
        }
        try {
            if (lastIndex != EventLog.NONE) {
                groupCommit.await(lastIndex);
            }
            numbering.close(lastN);
        } finally {
            log.close();
        }
    }

    void reportDamage(long index, String why) {
        if (isNew(index)) {
            damaged.incrementAndGet();
            alarms.onDamaged(index, why);
        }
    }

    void reportGap(long expectedN, long foundN, long index) {
        if (isNew(~index)) {
            gaps.incrementAndGet();
            alarms.onGap(expectedN, foundN, index);
        }
    }

    String storeIdText() {
        return storeIdText;
    }

    List<EventLog.Segment> segments() {
        return log.segments();
    }

    private boolean isNew(long finding) {
        synchronized (reported) {
            return reported.size() < MAX_REMEMBERED_FINDINGS && reported.add(finding);
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new OutboxException("the outbox is closed");
        }
    }

    private void wakeListeners() {
        for (var listener : listeners) {
            listener.run();
        }
    }

    /** Reads from the newest file that holds an entry on; what it finds damaged is reported. */
    private Tail readTail() {
        var segments = log.segments();
        var tail = new Tail();
        try (var reader = log.newReader()) {
            for (int i = segments.size() - 1; i >= 0 && tail.lastN == 0; i--) {
                reader.moveTo(segments.get(i).firstIndex());
                readTail(reader, tail);
            }
        }
        return tail;
    }

    private void readTail(LogReader reader, Tail tail) {
        var document = new DocumentReader();
        for (var step = reader.next(); step != LogReader.Step.NOTHING; step = reader.next()) {
            if (step == LogReader.Step.DAMAGED) {
                tail.isDamaged = true;
                reportDamage(reader.index(), reader.damage());
                continue;
            }
            document.open(reader);
            if (!document.belongsTo(storeId)) {
                throw new OutboxException("the outbox holds events of store " + document.store()
                        + ", but this is store "
                        + storeId + ": its files were copied here from elsewhere. Move them away, or bring the file"
                        + " store.id of that store with them");
            }
            tail.lastN = document.firstN() + document.count() - 1;
            tail.isDamaged = false;
        }
    }

    /** What is known of the newest entry. */
    private static final class Tail {
        long lastN;
        boolean isDamaged;
    }

    /** Ends what was begun. */
    @FunctionalInterface
    public interface Registration extends AutoCloseable {

        @Override
        void close();
    }
}
