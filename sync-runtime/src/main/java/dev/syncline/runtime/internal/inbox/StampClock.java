package dev.syncline.runtime.internal.inbox;

import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * Time that does not jump: the wall clock's at the beginning, and from then on the monotonic clock's (S25).
 *
 * <p>Threading: as the clocks.
 */
final class StampClock {

    private final long beganSecond;
    private final long beganNanos;
    private final LongSupplier nanoTime;

    StampClock(InstantSource wall, LongSupplier nanoTime) {
        this.beganSecond = wall.instant().getEpochSecond();
        this.beganNanos = nanoTime.getAsLong();
        this.nanoTime = nanoTime;
    }

    long epochSecond() {
        return beganSecond + (nanoTime.getAsLong() - beganNanos) / 1_000_000_000;
    }
}
