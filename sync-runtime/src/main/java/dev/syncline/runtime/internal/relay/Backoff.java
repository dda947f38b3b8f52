package dev.syncline.runtime.internal.relay;

import java.util.random.RandomGenerator;

/** How long to wait after failures: doubling up to a bound, lengthened by up to half, never shortened. */
final class Backoff {

    private final long firstNanos;
    private final long maxNanos;
    private final RandomGenerator random;

    Backoff(long firstNanos, long maxNanos, RandomGenerator random) {
        this.firstNanos = firstNanos;
        this.maxNanos = maxNanos;
        this.random = random;
    }

    /** The pause after so many failures in a row, from 1 on. */
    long nanos(int failures) {
        int doublings = failures - 1;
        boolean overflows = doublings >= Long.numberOfLeadingZeros(firstNanos) - 1;
        long base = overflows ? maxNanos : Math.min(maxNanos, firstNanos << doublings);
        return base + random.nextLong(base / 2 + 1);
    }
}
