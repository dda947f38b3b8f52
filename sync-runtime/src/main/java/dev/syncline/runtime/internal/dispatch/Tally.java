package dev.syncline.runtime.internal.dispatch;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What went well lately: attempts, and the events in them, by slices of a second that are used again when they are old.
 * Each lane has one of its own, so that an event that goes well costs two plain additions and no contention; who wants
 * to know the sum adds them up.
 *
 * <p>Threading: one thread adds, any thread reads. A reader may miss what is being added.
 */
final class Tally {

    private static final long SLICE = TimeUnit.SECONDS.toNanos(1);

    /** Attempts in the upper half of a count, their events in the lower: one store for both. */
    private static final int ATTEMPT = 32;

    private final long origin;
    private final int slices;

    /** The number of the slice that a place holds, from 1. */
    private final AtomicLongArray numbers;

    /** Per place, then the sum of all. */
    private final AtomicLongArray counts;

    private int place;
    private long sliceEnd;

    /**
     * Empty.
     *
     * @param windowNanos the longest time that will be asked for
     */
    Tally(long windowNanos, long now) {
        this.origin = now;
        this.slices = Math.toIntExact(windowNanos / SLICE + 2);
        this.numbers = new AtomicLongArray(slices);
        this.counts = new AtomicLongArray(slices + 1);
        begin(1);
    }

    /** An attempt went well. The one thread that adds. */
    void add(int events, long now) {
        if (now - sliceEnd >= 0) {
            begin(number(now));
        }
        long more = (1L << ATTEMPT) + events;
        counts.setRelease(place, counts.getPlain(place) + more);
        counts.setRelease(slices, counts.getPlain(slices) + (1L << ATTEMPT));
    }

    private void begin(long number) {
        place = (int) (number % slices);
        numbers.setRelease(place, 0); // a reader must not take the old count for one of the new slice
        counts.setRelease(place, 0);
        numbers.setRelease(place, number);
        sliceEnd = origin + number * SLICE;
    }

    /** All attempts ever; wraps around. Any thread. */
    int attempts() {
        return (int) (counts.getAcquire(slices) >>> ATTEMPT);
    }

    /** Attempts within the last so long, and up to a second more. Any thread. */
    long attempts(long windowNanos, long now) {
        return sum(windowNanos, now, ATTEMPT);
    }

    /** Events within the last so long, and up to a second more. Any thread. */
    long events(long windowNanos, long now) {
        return sum(windowNanos, now, 0);
    }

    private long sum(long windowNanos, long now, int shift) {
        long newest = number(now);
        long oldest = number(now - windowNanos);
        long sum = 0;
        for (long number = oldest; number <= newest; number++) {
            int at = (int) (number % slices);
            if (numbers.getAcquire(at) == number) {
                sum += (counts.getAcquire(at) >>> shift) & 0xFFFF_FFFFL;
            }
        }
        return sum;
    }

    private long number(long now) {
        return Math.max(0, now - origin) / SLICE + 1;
    }
}
