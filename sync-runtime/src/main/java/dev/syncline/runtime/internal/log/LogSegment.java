package dev.syncline.runtime.internal.log;

import java.nio.file.Path;
import java.util.Arrays;

/**
 * One file of the log: where it is, how far it is written, and where in it some of its entries begin.
 *
 * <p>Threading: any thread; {@link #written} by the one that appends.
 */
final class LogSegment {

    /** How many low bits of an index count within a file. */
    static final int SEQUENCE_BITS = 32;

    /** One known place for so many bytes: a reader that is sent somewhere reads half of that in vain. */
    private static final int SAMPLE_BYTES = 256 << 10;

    private final int cycle;
    private final Path path;
    private long[] sampleIndexes = new long[16];
    private long[] samplePositions = new long[16];
    private int samples;
    private volatile long lastIndex = EventLog.NONE;
    private volatile long end;
    private volatile boolean sealed;

    LogSegment(int cycle, Path path, long end, boolean sealed) {
        this.cycle = cycle;
        this.path = path;
        this.end = end;
        this.sealed = sealed;
    }

    static long firstIndex(int cycle) {
        return (long) cycle << SEQUENCE_BITS;
    }

    static int cycle(long index) {
        return (int) (index >>> SEQUENCE_BITS);
    }

    int cycle() {
        return cycle;
    }

    Path path() {
        return path;
    }

    long firstIndex() {
        return firstIndex(cycle);
    }

    long endIndex() {
        return firstIndex(cycle + 1);
    }

    /** Every frame ends at or before this place. */
    long end() {
        return end;
    }

    /** Whether no further entry will come. To be asked before {@link #end}. */
    boolean isSealed() {
        return sealed;
    }

    void seal() {
        sealed = true;
    }

    /** The newest entry, as far as known. */
    long lastIndex() {
        return lastIndex;
    }

    /** A frame was written; from now on readers may go as far as {@code newEnd}. */
    void written(long index, long frame, long newEnd) {
        sample(index, frame);
        lastIndex = index;
        end = newEnd;
    }

    /** The newest entry turned out to be this. */
    synchronized void ends(long index, long frame) {
        if (samples == 0 || frame > samplePositions[samples - 1]) {
            remember(index, frame); // it is the first to be looked for
        }
        lastIndex = index;
    }

    /** The end turned out to be here. */
    void trimmed(long newEnd) {
        end = newEnd;
    }

    /** Remembers where an entry begins, if none is remembered near by. */
    synchronized void sample(long index, long frame) {
        if (samples == 0 || frame >= samplePositions[samples - 1] + SAMPLE_BYTES) {
            remember(index, frame);
        }
    }

    private void remember(long index, long frame) {
        if (samples == sampleIndexes.length) {
            sampleIndexes = Arrays.copyOf(sampleIndexes, samples * 2);
            samplePositions = Arrays.copyOf(samplePositions, samples * 2);
        }
        sampleIndexes[samples] = index;
        samplePositions[samples++] = frame;
    }

    /** A place at or before the entry's from which it can be found by reading on. */
    synchronized long positionBefore(long index) {
        int at = Arrays.binarySearch(sampleIndexes, 0, samples, index);
        if (at < 0) {
            at = -at - 2;
        }
        return at < 0 ? 0 : samplePositions[at];
    }

    @Override
    public String toString() {
        return path.getFileName().toString();
    }
}
