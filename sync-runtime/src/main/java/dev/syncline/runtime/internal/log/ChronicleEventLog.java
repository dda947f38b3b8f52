package dev.syncline.runtime.internal.log;

import dev.syncline.api.OutboxException;
import dev.syncline.api.OutboxFullException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A log in the files of a Chronicle queue.
 *
 * <p>Chronicle appends, and nothing else. It begins each time with an empty directory: the files of earlier runs are
 * renamed out of its sight, so nothing that a crash has left in them, no stale lock and no torn page, is its business,
 * and opening after a crash costs what opening always costs. Entries are read by {@link SegmentReader}, which finds
 * them by their {@link Frame} and so goes on behind damage, where Chronicle's own readers stop.
 *
 * <pre>
 * directory
 *    20261121-2335V.cq4.sealed    of earlier runs, cut behind the last entry
 *    20261121-2340V.cq4           of this run, the last one is being written
 *    metadata.cq4t                Chronicle's own, made anew each time
 * </pre>
 *
 * <p>Who opens it holds the {@link DirectoryLock}.
 */
public final class ChronicleEventLog implements EventLog {

    private static final Logger LOG = LoggerFactory.getLogger(ChronicleEventLog.class);

    /** What Chronicle needs beside the entry within a quarter of a block. */
    private static final int BLOCK_SLACK_BYTES = 256;

    /** What Chronicle writes to begin a file. */
    private static final int FILE_HEAD_BYTES = 256 << 10;

    private static final long CHECK_FILE_EVERY_NANOS = 1_000_000_000;

    private static final String METADATA_FILE = "metadata.cq4t";

    private final Path directory;
    private final LogSettings settings;
    private final Host host;
    private final FreeSpace freeSpace;
    private final ChronicleWriter writer;
    private final SegmentList segments;
    private final String tailDamage;

    // Of the one that appends.
    private final CRC32C crc = new CRC32C();
    private final byte[] header = new byte[Frame.HEADER_BYTES];
    private int nextCycle;
    private @Nullable ActiveFile active;
    private @Nullable ActiveFile prepared;

    private volatile long lastIndex;
    private volatile @Nullable OutboxException broken;
    private volatile boolean closed;

    // Of the one that forces.
    private final ReentrantLock forcing = new ReentrantLock();
    private int unforcedFromCycle;
    private int directoryForcedForCycle = -1;
    private @Nullable DiskFile forced;
    private volatile long forcedIndex = NONE;

    private ChronicleEventLog(Path directory, LogSettings settings, Host host) throws IOException {
        this.directory = directory;
        this.settings = settings;
        this.host = host;
        freeSpace = new FreeSpace(host.usableBytes(), settings.reserveBytes(), host.nanoTime());
        var sealed = SealedFiles.seal(directory);
        segments = new SegmentList(sealed);
        var tail = SealedFiles.readTail(sealed, maxEntryBytes());
        lastIndex = tail.lastIndex();
        tailDamage = tail.damage();
        nextCycle = cycleAfter(sealed.length == 0 ? -1 : sealed[sealed.length - 1].cycle());
        Files.deleteIfExists(directory.resolve(METADATA_FILE)); // with the lock in it, which a killed process left held
        writer = ChronicleWriter.open(directory, settings.blockBytes(), nextCycle);
    }

    /**
     * Opens the log in a directory, made if it is not there. The caller holds the {@link DirectoryLock} that covers it.
     *
     * @throws OutboxException if the directory cannot be written, or holds what is not ours
     * @throws dev.syncline.api.ConfigurationException if the JDK keeps closed what Chronicle needs
     */
    public static ChronicleEventLog open(Path directory, LogSettings settings) {
        try {
            Files.createDirectories(directory);
            return open(directory, settings, Host.of(directory));
        } catch (IOException e) {
            throw cannotOpen(directory, e);
        }
    }

    static ChronicleEventLog open(Path directory, LogSettings settings, Host host) {
        try {
            probe(directory);
            return new ChronicleEventLog(directory, settings, host);
        } catch (IOException | UncheckedIOException e) {
            throw cannotOpen(directory, e);
        }
    }

    /** Chronicle opens a directory that it cannot write read-only, and says so at the first append. */
    private static void probe(Path directory) throws IOException {
        var probe = directory.resolve("probe.tmp");
        Files.write(probe, new byte[1]);
        Files.delete(probe);
    }

    @Override
    public long append(byte[] entry, int offset, int length) {
        checkUsable();
        if (length > maxEntryBytes()) {
            throw new IllegalArgumentException("entry of " + length + " bytes, the most is " + maxEntryBytes());
        }
        checkFile();
        if (freeSpace.isShort()) {
            throw full("");
        }
        if (beginsFile()) {
            prepareFile();
        }
        try {
            return write(entry, offset, length);
        } catch (OutboxFullException e) {
            throw e;
        } catch (Throwable e) {
            // InternalError among them: a mapped page that the disk could not give
            throw broken("an append failed", e);
        }
    }

    private long write(byte[] entry, int offset, int length) {
        long index = writer.begin();
        long position = 0;
        boolean isComplete = false;
        ActiveFile file;
        try {
            position = writer.position();
            file = fileOf(index);
            allocate(file.allocation, position, Frame.HEADER_BYTES + length);
            Frame.fill(header, index, entry, offset, length, crc);
            writer.write(header, 0, Frame.HEADER_BYTES);
            writer.write(entry, offset, length);
            isComplete = true;
        } finally {
            writer.end(isComplete);
        }
        file.segment.written(index, position, position + Frame.HEADER_BYTES + length);
        lastIndex = index;
        return index;
    }

    /** Entries would go on into a deleted file, and be gone with the process: looked after once a second. */
    private void checkFile() {
        var current = active;
        long now = host.nanoTime().getAsLong();
        if (current != null && now - current.checkedAtNanos >= CHECK_FILE_EVERY_NANOS) {
            current.checkedAtNanos = now;
            var path = current.segment.path();
            if (!Files.exists(path)) {
                throw broken("an append failed", new NoSuchFileException(path + ", deleted while it was written"));
            }
        }
    }

    /** Whether the next append goes to a new file; says so to Chronicle if the present one is full or old. */
    private boolean beginsFile() {
        var current = active;
        if (current == null) {
            return true;
        }
        if (current.segment.cycle() != nextCycle) {
            return true; // said so before
        }
        boolean isDue = current.segment.end() >= settings.segmentBytes()
                || host.nanoTime().getAsLong() - current.begunAtNanos
                        >= settings.segmentAge().toNanos();
        if (isDue) {
            nextCycle = cycleAfter(nextCycle);
            writer.roll(nextCycle);
        }
        return isDue;
    }

    private int cycleAfter(int cycle) {
        return Math.max(cycle + 1, (int) (host.epochMillis().getAsLong() / SegmentName.CYCLE_MILLIS));
    }

    /** Makes the next file and takes the blocks of its head, which Chronicle then writes through the mapping. */
    private void prepareFile() {
        var path = directory.resolve(SegmentName.live(nextCycle));
        if (prepared != null && prepared.segment.path().equals(path)) {
            return;
        }
        DiskFile file = null;
        try {
            Files.deleteIfExists(path);
            Files.createFile(path);
            file = DiskFile.toWrite(path);
            var next = new ActiveFile(
                    new LogSegment(nextCycle, path, 0, false),
                    file,
                    host.nanoTime().getAsLong());
            allocate(next.allocation, 0, FILE_HEAD_BYTES);
            prepared = next;
        } catch (IOException e) {
            throw full(" (" + e.getMessage() + ")");
        } finally {
            if (file != null && prepared == null) {
                file.close();
                deleteUnused(path);
            }
        }
    }

    private static void deleteUnused(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // it holds nothing, and is made anew at the next attempt
        }
    }

    private ActiveFile fileOf(long index) {
        var current = active;
        if (current != null && current.segment.cycle() == LogSegment.cycle(index)) {
            return current;
        }
        var next = prepared;
        if (next == null || next.segment.cycle() != LogSegment.cycle(index)) {
            throw new IllegalStateException("Chronicle writes to file " + SegmentName.live(LogSegment.cycle(index)));
        }
        active = next;
        prepared = null;
        segments.add(next.segment);
        if (current != null) {
            current.seal();
        }
        return next;
    }

    private void allocate(Allocation allocation, long position, int bytes) {
        if (!allocation.isNeeded(position, bytes)) {
            return;
        }
        if (freeSpace.isTooLittleFor(Allocation.step(bytes))) {
            throw full("");
        }
        try {
            allocation.extend(position, bytes);
        } catch (IOException e) {
            throw full(" (" + e.getMessage() + ")");
        }
    }

    @Override
    public LogReader newReader() {
        if (closed) {
            throw new OutboxException("the log in " + directory + " is closed");
        }
        return new SegmentReader(segments, maxEntryBytes());
    }

    @Override
    public void force() {
        forcing.lock();
        try {
            checkUsable();
            long upTo = lastIndex;
            for (var segment : segments.all()) {
                if (segment.cycle() >= unforcedFromCycle) {
                    force(segment);
                }
            }
            forcedIndex = upTo;
        } catch (IOException e) {
            // What the kernel could not write it may have dropped; the next force would succeed and mean nothing.
            throw broken("a disk sync failed", e);
        } finally {
            forcing.unlock();
        }
    }

    private void force(LogSegment segment) throws IOException {
        var file = forced;
        if (file == null || !file.path().equals(segment.path())) {
            if (file != null) {
                file.close();
            }
            try {
                file = DiskFile.toWrite(segment.path());
            } catch (NoSuchFileException e) {
                return; // dropped by retention
            }
            forced = file;
        }
        host.disk().force(file);
        if (directoryForcedForCycle < segment.cycle()) {
            host.disk().forceNames(directory);
            directoryForcedForCycle = segment.cycle();
        }
        unforcedFromCycle = segment.cycle();
    }

    @Override
    public long forcedIndex() {
        return forcedIndex;
    }

    @Override
    public long firstIndex() {
        var all = segments.all();
        return all.length == 0 ? 0 : all[0].firstIndex();
    }

    @Override
    public long lastIndex() {
        return lastIndex;
    }

    @Override
    public String tailDamage() {
        return tailDamage;
    }

    @Override
    public List<Segment> segments() {
        return Arrays.stream(segments.all())
                .map(segment -> new Segment(segment.firstIndex(), segment.endIndex(), segment.end()))
                .toList();
    }

    @Override
    public int dropBefore(long index) {
        var dropped = segments.takeBefore(index, lastIndex);
        for (var segment : dropped) {
            try {
                Files.deleteIfExists(segment.path());
            } catch (IOException e) {
                LOG.warn(
                        "file {} of the log is not needed any more and could not be deleted: {}",
                        segment,
                        e.toString());
            }
        }
        if (dropped.length > 0) {
            writer.releaseFiles();
            LOG.debug("dropped {} files of the log in {}", dropped.length, directory);
        }
        return dropped.length;
    }

    @Override
    public int maxEntryBytes() {
        return settings.blockBytes() / 4 - Frame.HEADER_BYTES - BLOCK_SLACK_BYTES;
    }

    /** To be called when no append is under way, nor will be. */
    @Override
    public void close() {
        forcing.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            segments.close();
            closeWriter();
            var last = forced;
            if (last != null) {
                last.close();
            }
        } finally {
            forcing.unlock();
        }
    }

    private void closeWriter() {
        boolean isIntact = broken == null;
        try {
            writer.close();
        } catch (Throwable e) {
            isIntact = false;
            LOG.warn("Chronicle could not close its files in {}: {}", directory, e.toString());
        }
        var unused = prepared;
        if (unused != null) {
            unused.file.close();
            deleteUnused(unused.segment.path());
        }
        var current = active;
        if (current != null && isIntact) {
            current.seal();
        } else if (current != null) {
            current.file.close();
        }
    }

    private void checkUsable() {
        if (closed) {
            throw new OutboxException("the log in " + directory + " is closed");
        }
        var failure = broken;
        if (failure != null) {
            throw new OutboxException(String.valueOf(failure.getMessage()), failure);
        }
    }

    private OutboxException broken(String what, Throwable cause) {
        var failure = new OutboxException(
                "the outbox in " + directory + " cannot be trusted any more: " + what + " with " + cause
                        + ". See to the disk, then start the application again: what is stored is checked at start",
                cause);
        broken = failure;
        return failure;
    }

    private OutboxFullException full(String why) {
        return new OutboxFullException("the disk of the outbox in " + directory + " is full" + why + ": "
                + host.usableBytes().getAsLong() + " bytes are free, " + freeSpace.reserveBytes()
                + " of them are kept in reserve. Nothing was stored; make room, or try again later");
    }

    private static OutboxException cannotOpen(Path directory, Exception e) {
        return new OutboxException(
                "the outbox in " + directory + " cannot be opened: " + e
                        + ". Give this user write permission there, or set another directory",
                e);
    }

    /** The file that is being written. */
    private static final class ActiveFile {

        final LogSegment segment;
        final DiskFile file;
        final Allocation allocation;
        final long begunAtNanos;
        long checkedAtNanos;

        ActiveFile(LogSegment segment, DiskFile file, long begunAtNanos) {
            this.segment = segment;
            this.file = file;
            this.allocation = new Allocation(file);
            this.begunAtNanos = begunAtNanos;
            this.checkedAtNanos = begunAtNanos;
        }

        /** No more entries come; what was taken from the disk in advance is given back. */
        void seal() {
            segment.seal();
            try {
                file.truncate(segment.end());
            } catch (IOException e) {
                // longer than it need be, nothing else
            } finally {
                file.close();
            }
        }
    }
}
