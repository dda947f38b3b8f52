package dev.syncline.runtime.internal.park;

import dev.syncline.runtime.internal.log.EventLog;
import java.util.TreeMap;

/** How many living records lie in each file of the log. Changed with the log locked; the sum may be asked by anybody. */
final class SegmentUse {

    private final EventLog log;
    private final TreeMap<Long, int[]> counts = new TreeMap<>();
    private long end;
    private volatile long liveBytes;

    SegmentUse(EventLog log) {
        this.log = log;
    }

    long liveBytes() {
        return liveBytes;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer at a time
    void add(long index, int bytes) {
        segment(index)[0]++;
        liveBytes += bytes;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer at a time
    void remove(long index, int bytes) {
        segment(index)[0]--;
        liveBytes -= bytes;
    }

    void move(long from, long to) {
        segment(to)[0]++;
        segment(from)[0]--;
    }

    /** Nothing below is needed; {@link Long#MAX_VALUE} if nothing is. */
    long firstUsed() {
        for (var segment : counts.entrySet()) {
            if (segment.getValue()[0] > 0) {
                return segment.getKey();
            }
        }
        return Long.MAX_VALUE;
    }

    void dropped(long below) {
        counts.headMap(below).clear();
    }

    private int[] segment(long index) {
        if (index >= end) {
            for (var segment : log.segments()) {
                counts.putIfAbsent(segment.firstIndex(), new int[1]);
                end = segment.endIndex();
            }
        }
        return counts.floorEntry(index).getValue();
    }
}
