package dev.syncline.verification.load;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what another thread brings about. */
final class Await {

    private Await() {}

    /** Tells whether it came to be in time. */
    static boolean until(Duration atMost, BooleanSupplier condition) {
        long begun = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - begun > atMost.toNanos()) {
                return false;
            }
            LockSupport.parkNanos(1_000_000);
        }
        return true;
    }

    /** Ends the program if it did not. */
    static void require(Duration atMost, String what, BooleanSupplier condition) {
        if (!until(atMost, condition)) {
            throw new IllegalStateException("not within " + atMost + ": " + what);
        }
    }
}
