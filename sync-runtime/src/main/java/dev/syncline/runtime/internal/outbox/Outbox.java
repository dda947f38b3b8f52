package dev.syncline.runtime.internal.outbox;

import dev.syncline.api.OutboxException;
import dev.syncline.api.OutboxFullException;
import dev.syncline.runtime.Durability;
import dev.syncline.runtime.internal.log.ChronicleEventLog;
import dev.syncline.runtime.internal.log.DirectoryLock;
import dev.syncline.runtime.internal.log.EventLog;
import dev.syncline.runtime.internal.log.GroupCommit;
import dev.syncline.runtime.internal.log.LogReader;
import dev.syncline.runtime.internal.log.StoreId;
import dev.syncline.runtime.internal.log.TextFile;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

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

    private static final String DIRECTORY = "outbox";

    /** Writers kept for use again; one per thread that appends at the same time is enough. */
    private static final int WRITERS = 8;

    private static final int KEPT_BUFFER_BYTES = 256 << 10;

    private final EventLog log;
    private final StoreId storeId;
    private final OutboxSettings settings;
    private final InstantSource clock;
    private final Findings findings;
    private final Numbering numbering;
    private final Retention retention;
    private final GroupCommit groupCommit;
    private final WriterPool writers = new WriterPool(WRITERS);
    private final Wakeups wakeups = new Wakeups();

    private final ReentrantLock appending = new ReentrantLock();
    private final ReentrantLock retaining = new ReentrantLock();
    private long nextN;
    private boolean restarted;
    private long waitingBytes;
    private volatile boolean closed;
    private volatile long lastN;
    private volatile long lastIndex;
    private volatile @Nullable OutboxException failure;

    Outbox(
            EventLog log,
            StoreId storeId,
            OutboxSettings settings,
            InstantSource clock,
            OutboxAlarms alarms,
            Numbering numbering) {
        this.log = log;
        this.storeId = storeId;
        this.settings = settings;
        this.clock = clock;
        this.findings = new Findings(alarms);
        this.numbering = numbering;
        this.retention = new Retention(settings.retention(), settings.retentionBytes());
        lastIndex = log.lastIndex();
        if (settings.durability() == Durability.DISK) {
            log.force();
        }
        groupCommit = new GroupCommit(log, wakeups::run);
        lastN = readTail();
        nextN = numbering.resume(lastN, !log.tailDamage().isEmpty());
        restarted = nextN != lastN + 1;
        if (restarted && numbering.knowsTheLast()) {
            findings.gap(lastN + 1, nextN, lastIndex + 1);
        }
    }

    /**
     * Opens the outbox of a data directory. The directory must stay locked until the outbox is closed.
     *
     * @throws OutboxException if the disk cannot be used, or holds what is not this outbox's
     * @throws dev.syncline.api.ConfigurationException if the JDK keeps closed what the log on disk needs
     */
    public static Outbox open(DirectoryLock store, OutboxSettings settings, InstantSource clock, OutboxAlarms alarms) {
        var log = ChronicleEventLog.open(store.directory().resolve(DIRECTORY), settings.log());
        try {
            return new Outbox(log, store.storeId(), settings, clock, alarms, NumberFile.in(store, clock));
        } catch (Throwable e) {
            log.close();
            throw e;
        }
    }

    /** An outbox over a log, whose owner sees to it that the log never forgets: memory, simulation. */
    public static Outbox over(
            EventLog log, StoreId storeId, OutboxSettings settings, InstantSource clock, OutboxAlarms alarms) {
        return new Outbox(log, storeId, settings, clock, alarms, new Numbering.Trusting(storeId));
    }

    /**
     * An outbox over a log that may forget its end, on a simulated disk.
     *
     * @param numbers says which numbers were given; the disk has nothing else if there is no such file
     * @param bootId another one after each power failure
     * @param isNewStore whether there never was an outbox here
     * @param ids makes ids for the outbox
     */
    public static Outbox over(
            EventLog log,
            StoreId storeId,
            OutboxSettings settings,
            InstantSource clock,
            OutboxAlarms alarms,
            TextFile numbers,
            String bootId,
            boolean isNewStore,
            Supplier<StoreId> ids) {
        var numbering = new NumberFile(numbers, bootId, storeId, isNewStore, ids, clock);
        return new Outbox(log, storeId, settings, clock, alarms, numbering);
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
        return append(entries, List.of());
    }

    /**
     * Appends what the handling of events published, and that they were applied: all of it or nothing.
     *
     * @param marks of the events that were applied
     * @see #append(List)
     */
    public Appended append(List<Outgoing> entries, List<byte[]> marks) {
        int count = entries.size();
        if (count == 0 || count > DocumentLayout.MAX_COUNT) {
            throw new IllegalArgumentException("1 to " + DocumentLayout.MAX_COUNT + " events at once, not " + count);
        }
        var writer = writers.take();
        try {
            writer.begin(storeId, numbering.outboxId(), count, marks);
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
            index = write(document, length);
            restarted = false;
            nextN = firstN + count;
            waitingBytes += length;
            lastN = nextN - 1;
            lastIndex = index;
        } finally {
            appending.unlock();
        }
        if (settings.durability() == Durability.DISK) {
            force(index);
        } else {
            wakeups.run();
        }
        return new Appended(index, firstN);
    }

    private long write(DocumentWriter document, int length) {
        try {
            return log.append(document.array(), 0, length);
        } catch (OutboxFullException e) {
            throw e;
        } catch (OutboxException e) {
            throw failed(e);
        }
    }

    private void force(long index) {
        try {
            groupCommit.await(index);
        } catch (OutboxException e) {
            throw failed(e);
        }
    }

    private OutboxException failed(OutboxException e) {
        failure = e;
        return e;
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
        wakeups.add(listener);
        return () -> wakeups.remove(listener);
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
                lastN, lastIndex, visibleIndex(), bytes, segments.size(), oldest, findings.damaged(), findings.gaps());
    }

    /** Why it takes nothing any more; empty as long as it does. */
    public Optional<String> failure() {
        return Optional.ofNullable(failure).map(Throwable::getMessage);
    }

    /** What an appended event survives. */
    public Durability durability() {
        return settings.durability();
    }

    /** The most bytes that the events of one {@link #append} may take together, with what the outbox adds. */
    public int maxDocumentBytes() {
        return log.maxEntryBytes();
    }

    /** Whose directory it lies in. */
    public StoreId storeId() {
        return storeId;
    }

    /** Under which id it numbers events: the store's, until it may have been put back from a backup. */
    public StoreId outboxId() {
        return numbering.outboxId();
    }

    /** Why it numbers events under another id since it was opened; empty if it does not. */
    public Optional<String> whyNewId() {
        return numbering.whyNewId();
    }

    /** Notes now and then that it is in use; see {@link NumberFile}. Not on a thread that must not wait for the disk. */
    public void noteInUse() {
        if (!closed) {
            numbering.refresh(lastN);
        }
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
        return settings.durability() == Durability.DISK ? groupCommit.forcedIndex() : lastIndex;
    }

    /** Releases the files. Idempotent; an append that waits for a disk sync gets its answer. */
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
            if (failure == null) {
                if (settings.durability() == Durability.DISK && lastIndex != EventLog.NONE) {
                    groupCommit.await(lastIndex);
                }
                numbering.close(nextN - 1); // above the log's last where it has lost its end
            }
        } finally {
            log.close();
        }
    }

    Findings findings() {
        return findings;
    }

    List<EventLog.Segment> segments() {
        return log.segments();
    }

    private void checkOpen() {
        if (closed) {
            throw new OutboxException("the outbox is closed");
        }
    }

    /** The number of the newest entry that can be read; what lies behind it and cannot is reported. */
    private long readTail() {
        long newest = log.lastIndex();
        if (!log.tailDamage().isEmpty()) {
            findings.damaged(newest + 1, log.tailDamage());
        }
        if (newest == EventLog.NONE) {
            return 0;
        }
        try (var reader = log.newReader()) {
            reader.moveTo(newest);
            if (reader.next() != LogReader.Step.ENTRY) {
                throw new OutboxException("the newest entry of the outbox could be read once and then not any more: "
                        + reader.damage() + ". The disk is failing");
            }
            var document = new DocumentReader();
            document.open(reader);
            if (!document.belongsTo(storeId)) {
                throw new OutboxException("the outbox holds events of store " + document.store()
                        + ", but this is store "
                        + storeId + ": its files were copied here from elsewhere. Move them away, or bring the file"
                        + " store.id of that store with them");
            }
            return document.firstN() + document.count() - 1;
        }
    }

    /** Ends what was begun. */
    @FunctionalInterface
    public interface Registration extends AutoCloseable {

        @Override
        void close();
    }
}
