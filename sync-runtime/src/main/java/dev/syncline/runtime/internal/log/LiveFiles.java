package dev.syncline.runtime.internal.log;

import dev.syncline.api.OutboxFullException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The files of this run: the one that is written, and the next one, made with the blocks of its head before Chronicle opens
 * it. Where there is no room that shows here, before anything is written. Those of earlier runs: {@link SealedFiles}.
 *
 * <p>Threading: the one that appends.
 */
final class LiveFiles {

    /** What Chronicle writes to begin a file. */
    private static final int HEAD_BYTES = 256 << 10;

    private static final long LOOK_EVERY_NANOS = 1_000_000_000;

    private final Path directory;
    private final LogSettings settings;
    private final Host host;
    private final SegmentList segments;
    private final FreeSpace freeSpace;
    private int nextCycle;
    private @Nullable ActiveFile active;
    private @Nullable ActiveFile prepared;

    /**
     * Begins behind the files of earlier runs.
     *
     * @param segments those; each file of this run is added when its first entry comes
     */
    LiveFiles(Path directory, LogSettings settings, Host host, SegmentList segments) {
        this.directory = directory;
        this.settings = settings;
        this.host = host;
        this.segments = segments;
        freeSpace = new FreeSpace(host.usableBytes(), settings.reserveBytes(), host.nanoTime());
        var newest = segments.newest();
        nextCycle = cycleAfter(newest == null ? -1 : newest.cycle());
    }

    /** The cycle of the next file. */
    int nextCycle() {
        return nextCycle;
    }

    /**
     * Looks once a second whether the file that is written is still there: entries would go on into a deleted one, and be
     * gone with the process.
     */
    void requireThere() throws NoSuchFileException {
        var current = active;
        long now = host.nanoTime().getAsLong();
        if (current != null && now - current.checkedAtNanos >= LOOK_EVERY_NANOS) {
            current.checkedAtNanos = now;
            var path = current.segment.path();
            if (!Files.exists(path)) {
                throw new NoSuchFileException(path + ", deleted while it was written");
            }
        }
    }

    /** @throws OutboxFullException if the reserve of the volume has been touched */
    void requireRoom() {
        if (freeSpace.isShort()) {
            throw full("");
        }
    }

    /**
     * Makes the next file, if the next append goes to one, and says so to Chronicle.
     *
     * @throws OutboxFullException if there is no room for it
     */
    void prepare(ChronicleWriter writer) {
        if (beginsFile(writer)) {
            prepareFile();
        }
    }

    /** Whether the next append goes to a new file; says so to Chronicle if the present one is full or old. */
    private boolean beginsFile(ChronicleWriter writer) {
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
            allocate(next.allocation, 0, HEAD_BYTES);
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

    /**
     * Has room for so many bytes at a position of the file that Chronicle writes an entry to.
     *
     * @return that file
     * @throws OutboxFullException if there is none
     */
    LogSegment makeRoom(long index, long position, int bytes) {
        var file = fileOf(index);
        allocate(file.allocation, position, bytes);
        return file.segment;
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

    /**
     * No more entries come.
     *
     * @param isIntact whether Chronicle has closed its files well; otherwise they are left as they are
     */
    void close(boolean isIntact) {
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

    private OutboxFullException full(String why) {
        return new OutboxFullException("the disk of the outbox in " + directory + " is full" + why + ": "
                + host.usableBytes().getAsLong() + " bytes are free, " + freeSpace.reserveBytes()
                + " of them are kept in reserve. Nothing was stored; make room, or try again later");
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
