package dev.syncline.runtime.internal.log;

import java.nio.file.Path;
import java.util.Objects;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.core.io.BackgroundResourceReleaser;
import net.openhft.chronicle.core.time.TimeProvider;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.RollCycles;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.wire.DocumentContext;
import org.jspecify.annotations.Nullable;

/**
 * Writes through a Chronicle queue that begins empty: the one class that names Chronicle, loaded only after {@link
 * JdkPackages} has made room for it.
 *
 * <p>The queue never sees the time. Its clock says which file to write and moves when it is told to, and never back:
 * what wall clocks do to Chronicle cannot happen.
 *
 * <p>Threading: one thread at a time.
 */
final class ChronicleWriter implements AutoCloseable {

    /** Short: the caller's own lock proves that nobody else holds Chronicle's, so nothing is worth waiting for. */
    private static final long LOCK_TIMEOUT_MILLIS = 500;

    private final SegmentClock clock;
    private final ChronicleQueue queue;
    private final ExcerptAppender appender;
    private @Nullable DocumentContext document;

    private ChronicleWriter(SegmentClock clock, ChronicleQueue queue) {
        this.clock = clock;
        this.queue = queue;
        this.appender = queue.createAppender();
        appender.singleThreadedCheckDisabled(true); // callers are serialised by a lock, not by a thread
    }

    /** Opens the queue; the first file is that of the cycle. */
    static ChronicleWriter open(Path directory, int blockBytes, int cycle) {
        JdkPackages.open();
        // Read by Chronicle when its classes load: no banner, no thread that watches the disk, no line for each file
        // that grows. What the host has set stays.
        System.getProperties().putIfAbsent("chronicle.announcer.disable", "true");
        System.getProperties().putIfAbsent("chronicle.disk.monitor.disable", "true");
        System.getProperties().putIfAbsent("disable.perf.info", "true");
        var clock = new SegmentClock(cycle);
        var queue = SingleChronicleQueueBuilder.single(directory.toFile())
                .rollCycle(RollCycles.FIVE_MINUTELY)
                .blockSize(blockBytes)
                .timeProvider(clock)
                .timeoutMS(LOCK_TIMEOUT_MILLIS)
                .checkInterrupts(false)
                .build();
        try {
            return new ChronicleWriter(clock, queue);
        } catch (Throwable e) {
            queue.close();
            throw e;
        }
    }

    /** Begins a file of that cycle, which is later than the one before, with the next document. */
    void roll(int cycle) {
        clock.cycle = cycle;
    }

    /** Begins a document, and with it a file if it is time; {@link #end} must follow. */
    long begin() {
        var begun = appender.writingDocument();
        document = begun;
        return begun.index();
    }

    /** Where in the file the next byte goes. */
    long position() {
        return bytes().writePosition();
    }

    void write(byte[] from, int offset, int length) {
        bytes().write(from, offset, length);
    }

    /**
     * Ends the document. Chronicle would commit whatever was written when an exception passes through: here and nowhere
     * else it is told not to.
     */
    void end(boolean commit) {
        var ending = Objects.requireNonNull(document, "no document is open");
        document = null;
        if (!commit) {
            ending.rollbackOnClose();
        }
        ending.close();
    }

    private Bytes<?> bytes() {
        return Objects.requireNonNull(
                        Objects.requireNonNull(document, "no document is open").wire(), "wire")
                .bytes();
    }

    /** Returns once the files are let go. */
    @Override
    public void close() {
        try {
            appender.close();
        } finally {
            queue.close();
            releaseFiles();
        }
    }

    /**
     * Lets go of files that are done with, which Chronicle leaves to a thread of its own for later. As long as one is
     * mapped, deleting it makes no room. Any thread.
     */
    void releaseFiles() {
        BackgroundResourceReleaser.releasePendingResources();
    }

    /** Tells Chronicle which file to write. */
    private static final class SegmentClock implements TimeProvider {

        volatile int cycle;

        SegmentClock(int cycle) {
            this.cycle = cycle;
        }

        @Override
        public long currentTimeMillis() {
            return (long) cycle * SegmentName.CYCLE_MILLIS;
        }
    }
}
