package dev.syncline.testkit;

import java.util.concurrent.locks.Condition;

/** How the in-memory server takes time. */
interface MemoryTime {

    /** The machine's. */
    MemoryTime REAL = new MemoryTime() {
        @Override
        public long nanoTime() {
            return System.nanoTime();
        }

        @Override
        @SuppressWarnings("WaitNotInLoop") // the callers loop
        public void await(Condition changed, long nanos) throws InterruptedException {
            changed.awaitNanos(nanos);
        }
    };

    long nanoTime();

    /** Waits for a change, at most for so long; the lock is held. */
    void await(Condition changed, long nanos) throws InterruptedException;
}
