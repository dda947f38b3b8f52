package dev.syncline.runtime.internal.outbox;

import dev.syncline.runtime.internal.log.EventLog.Segment;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.LongFunction;

/** Decides which acknowledged segments go (S26): the oldest first, too old or too much, never one that is needed. */
final class Retention {

    private final Duration time;
    private final long bytes;

    Retention(Duration time, long bytes) {
        this.time = time;
        this.bytes = bytes;
    }

    /**
     * Everything below the returned index may go.
     *
     * @param segments from the oldest on; the last one stays
     * @param lowestNeeded index of the oldest entry that somebody still needs
     * @param begunAt when the first entry of a segment, given by its first index, was appended
     */
    long dropBefore(List<Segment> segments, long lowestNeeded, Instant now, LongFunction<Instant> begunAt) {
        long kept = 0;
        for (var segment : segments) {
            if (segment.endIndex() <= lowestNeeded) {
                kept += segment.bytes();
            }
        }
        long dropBefore = segments.isEmpty() ? 0 : segments.get(0).firstIndex();
        for (int i = 0; i + 1 < segments.size(); i++) {
            var segment = segments.get(i);
            if (segment.endIndex() > lowestNeeded) {
                break;
            }
            var next = segments.get(i + 1).firstIndex();
            if (kept <= bytes && begunAt.apply(next).plus(time).isAfter(now)) {
                break;
            }
            kept -= segment.bytes();
            dropBefore = next;
        }
        return dropBefore;
    }
}
