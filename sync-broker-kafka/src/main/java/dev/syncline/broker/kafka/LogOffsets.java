package dev.syncline.broker.kafka;

import java.util.TreeMap;

/**
 * Where the entries of a log are in its topic: the offset of one in so many, and how far the topic goes. Thread-safe.
 */
final class LogOffsets {

    /** Entries from one that is known to the next: that many are read to find one. */
    private static final int STEP = 32;

    static final long UNKNOWN = -1;

    private final TreeMap<Long, Long> known = new TreeMap<>();
    private long newest;
    private long last = UNKNOWN;
    private long lowest;
    private int skipped;
    private long highest;

    /** The newest entry, and the offset of the last record of ours, whatever it is. */
    synchronized void end(long newestIndex, long lastOffset) {
        newest = newestIndex;
        last = Math.max(last, lastOffset);
    }

    /** An entry was read or written. */
    synchronized void note(long index, long offset) {
        if (index <= highest) {
            return;
        }
        highest = index;
        if (known.isEmpty() || ++skipped >= STEP) {
            known.put(index, offset);
            skipped = 0;
        }
    }

    /** What is below is gone. */
    synchronized void dropped(long before) {
        lowest = Math.max(lowest, before);
        known.headMap(before).clear();
    }

    /** Where to begin to read for an index; {@link #UNKNOWN} for the beginning of the topic. */
    synchronized long floor(long index) {
        var floor = known.floorEntry(index);
        return floor == null ? UNKNOWN : floor.getValue();
    }

    synchronized long newest() {
        return newest;
    }

    synchronized long last() {
        return last;
    }

    synchronized long lowest() {
        return lowest;
    }
}
