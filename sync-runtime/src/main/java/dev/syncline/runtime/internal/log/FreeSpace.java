package dev.syncline.runtime.internal.log;

import java.util.function.LongSupplier;

/**
 * Watches that the volume keeps a reserve. Chronicle writes through a mapping: where the disk is full that is a fault in
 * the middle of an append, hundreds of kilobytes too late, and not an exception in time.
 *
 * <p>Threading: one thread at a time. Asks the system at most once a second, or when told that space is about to be
 * taken, or while space is short, so that room that was made counts at once.
 */
final class FreeSpace {

    private static final long ASK_EVERY_NANOS = 1_000_000_000;

    private final LongSupplier usableBytes;
    private final long reserveBytes;
    private final LongSupplier nanoTime;
    private boolean isShort;
    private long askedAtNanos;

    FreeSpace(LongSupplier usableBytes, long reserveBytes, LongSupplier nanoTime) {
        this.usableBytes = usableBytes;
        this.reserveBytes = reserveBytes;
        this.nanoTime = nanoTime;
        ask();
    }

    /** Whether the reserve has been touched. */
    boolean isShort() {
        if (isShort || nanoTime.getAsLong() - askedAtNanos >= ASK_EVERY_NANOS) {
            ask();
        }
        return isShort;
    }

    /** Whether the reserve would be touched by taking so much more. */
    boolean isTooLittleFor(long bytes) {
        ask();
        return isShort || usableBytes.getAsLong() - bytes < reserveBytes;
    }

    long reserveBytes() {
        return reserveBytes;
    }

    private void ask() {
        askedAtNanos = nanoTime.getAsLong();
        isShort = usableBytes.getAsLong() < reserveBytes;
    }
}
