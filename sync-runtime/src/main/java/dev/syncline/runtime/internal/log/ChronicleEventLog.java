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

    private static final String METADATA_FILE = "metadata.cq4t";

    private final Path directory;
    private final LogSettings settings;
    private final Host host;
    private final ChronicleWriter writer;
    private final SegmentList segments;
    private final LiveFiles live;
    private final String tailDamage;

    // Of the one that appends.
    private final CRC32C crc = new CRC32C();
    private final byte[] header = new byte[Frame.HEADER_BYTES];

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
        var sealed = SealedFiles.seal(directory);
        segments = new SegmentList(sealed);
        var tail = SealedFiles.readTail(sealed, maxEntryBytes());
        lastIndex = tail.lastIndex();
        tailDamage = tail.damage();
        live = new LiveFiles(directory, settings, host, segments);
        Files.deleteIfExists(directory.resolve(METADATA_FILE)); // with the lock in it, which a killed process left held
        writer = ChronicleWriter.open(directory, settings.blockBytes(), live.nextCycle());
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
        try {
            live.requireThere();
        } catch (NoSuchFileException e) {
            throw broken("an append failed", e);
        }
        live.requireRoom();
        live.prepare(writer);
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
        LogSegment segment;
        try {
            position = writer.position();
            segment = live.makeRoom(index, position, Frame.HEADER_BYTES + length);
            Frame.fill(header, index, entry, offset, length, crc);
            writer.write(header, 0, Frame.HEADER_BYTES);
            writer.write(entry, offset, length);
            isComplete = true;
        } finally {
            writer.end(isComplete);
        }
        segment.written(index, position, position + Frame.HEADER_BYTES + length);
        lastIndex = index;
        return index;
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
        live.close(isIntact);
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

    private static OutboxException cannotOpen(Path directory, Exception e) {
        return new OutboxException(
                "the outbox in " + directory + " cannot be opened: " + e
                        + ". Give this user write permission there, or set another directory",
                e);
    }
}
