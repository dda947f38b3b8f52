package dev.syncline.testkit;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** One partition: records by offset, from 0. Guarded by the lock of its server. */
final class MemoryLog {

    private record Entry(MemoryRecord record, Instant timestamp) {}

    private final List<Entry> entries = new ArrayList<>();
    private long oldest;

    /** Offset of the oldest record that is still there, or of the next one if none is. */
    long oldest() {
        return oldest;
    }

    /** Offset that the next record gets. */
    long end() {
        return oldest + entries.size();
    }

    long append(MemoryRecord record, Instant timestamp) {
        entries.add(new Entry(record, timestamp));
        return end() - 1;
    }

    MemoryRecord record(long offset) {
        return entries.get(index(offset)).record();
    }

    Instant timestamp(long offset) {
        return entries.get(index(offset)).timestamp();
    }

    /** The first offset whose record was sent at or after the time; the end if there is none. */
    long firstAt(Instant time) {
        for (int i = 0; i < entries.size(); i++) {
            if (!entries.get(i).timestamp().isBefore(time)) {
                return oldest + i;
            }
        }
        return end();
    }

    void dropBelow(long offset) {
        int count = (int) Math.max(0, Math.min(offset - oldest, entries.size()));
        entries.subList(0, count).clear();
        oldest += count;
    }

    private int index(long offset) {
        return Math.toIntExact(offset - oldest);
    }
}
