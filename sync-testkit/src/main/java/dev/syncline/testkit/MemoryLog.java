package dev.syncline.testkit;

import dev.syncline.spi.Received;
import dev.syncline.spi.TopicPartition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One partition: records by offset, from 0. Guarded by the lock of its server. */
final class MemoryLog {

    /** Without a record it is a gap: a position that no message has. */
    private static final class Entry {
        final @Nullable MemoryRecord record;
        final Instant timestamp;

        /** As it was read first; it is read again and again, and never otherwise. */
        @Nullable
        Received read;

        Entry(@Nullable MemoryRecord record, Instant timestamp) {
            this.record = record;
            this.timestamp = timestamp;
        }
    }

    private final List<Entry> entries = new ArrayList<>();
    private long oldest;
    private long gaps;

    /** Offset of the oldest record that is still there, or of the next one if none is. */
    long oldest() {
        return oldest;
    }

    /** Offset that the next record gets. */
    long end() {
        return oldest + entries.size();
    }

    long append(@Nullable MemoryRecord record, Instant timestamp) {
        gaps += record == null ? 1 : 0;
        entries.add(new Entry(record, timestamp));
        return end() - 1;
    }

    /** The message at an offset between the oldest and the end; null in a gap. */
    @Nullable
    Received read(TopicPartition partition, long offset) {
        var entry = entries.get(index(offset));
        if (entry.read == null && entry.record != null) {
            entry.read = entry.record.read(partition, offset, entry.timestamp);
        }
        return entry.read;
    }

    /** How many records are there from an offset on, without gaps. */
    long recordsFrom(long offset) {
        if (gaps == 0) {
            return end() - offset;
        }
        long records = 0;
        for (long at = Math.max(offset, oldest); at < end(); at++) {
            records += entries.get(index(at)).record == null ? 0 : 1;
        }
        return records;
    }

    /** The first offset whose record was sent at or after the time; the end if there is none. */
    long firstAt(Instant time) {
        for (int i = 0; i < entries.size(); i++) {
            if (!entries.get(i).timestamp.isBefore(time)) {
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
