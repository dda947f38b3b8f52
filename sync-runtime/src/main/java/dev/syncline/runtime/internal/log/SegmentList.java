package dev.syncline.runtime.internal.log;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The files of a log, from the oldest on. Any thread; readers see each change whole. */
final class SegmentList {

    private volatile LogSegment[] segments;
    private volatile boolean closed;

    SegmentList(LogSegment... segments) {
        this.segments = segments;
    }

    /** Not to be changed. */
    LogSegment[] all() {
        return segments;
    }

    @Nullable
    LogSegment newest() {
        var all = segments;
        return all.length == 0 ? null : all[all.length - 1];
    }

    synchronized void add(LogSegment segment) {
        var more = Arrays.copyOf(segments, segments.length + 1);
        more[segments.length] = segment;
        segments = more;
    }

    /** Takes the segments out that end at or before the index, but none from that of {@code newestEntry} on. */
    synchronized LogSegment[] takeBefore(long index, long newestEntry) {
        var all = segments;
        int taken = 0;
        while (taken < all.length && all[taken].endIndex() <= index && all[taken].endIndex() <= newestEntry) {
            taken++;
        }
        segments = Arrays.copyOfRange(all, taken, all.length);
        return Arrays.copyOf(all, taken);
    }

    /** The segment that holds the index, or else the next one. */
    @Nullable
    LogSegment atOrAfter(long index) {
        for (var segment : segments) {
            if (segment.endIndex() > index) {
                return segment;
            }
        }
        return null;
    }

    boolean isClosed() {
        return closed;
    }

    void close() {
        closed = true;
    }
}
