package dev.syncline.testkit.conformance;

import java.time.Duration;

/** How long is left to wait. */
final class Patience {

    private final long endNanos;
    private final Duration whole;

    private Patience(Duration whole) {
        this.whole = whole;
        this.endNanos = System.nanoTime() + whole.toNanos();
    }

    static Patience of(Duration duration) {
        return new Patience(duration);
    }

    long nanosLeft() {
        return endNanos - System.nanoTime();
    }

    boolean isOver() {
        return nanosLeft() <= 0;
    }

    /** What to throw once it is over. */
    AssertionError exhausted(String awaited, Object state) {
        return new AssertionError("not within " + whole.toMillis() + " ms: " + awaited + "; so far: " + state);
    }
}
