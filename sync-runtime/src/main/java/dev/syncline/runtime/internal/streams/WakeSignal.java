package dev.syncline.runtime.internal.streams;

import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Wakes one thread that waits for work, cheaply enough to be raised for every event: a fence and two reads while nobody
 * waits, no write to shared memory under load.
 *
 * <p>The waiting thread calls {@link #lower}, looks for work, and if there is none {@link #await}. What was made visible
 * before a {@link #raise} is either seen by that look, or ends the wait.
 */
public final class WakeSignal {

    private volatile boolean isRaised;
    private volatile @Nullable Thread waiting;

    /** Says that there may be work, which was made visible before. Any thread, never blocks. */
    public void raise() {
        // The work must be visible before the flag is read: else the flag may be the one that is about to be lowered.
        VarHandle.fullFence();
        if (!isRaised) {
            isRaised = true;
        }
        var thread = waiting;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
    }

    /** Whether raised since it was lowered. */
    public boolean isRaised() {
        return isRaised;
    }

    /** To be called before looking for work. The waiting thread only. */
    public void lower() {
        isRaised = false;
        VarHandle.fullFence();
    }

    /**
     * Waits until raised, or interrupted, or for so long; may return early. The waiting thread only.
     *
     * @param nanos nothing happens if it is 0 or less
     */
    public void await(long nanos) {
        if (nanos <= 0) {
            return;
        }
        waiting = Thread.currentThread();
        if (!isRaised) {
            LockSupport.parkNanos(this, nanos);
        }
        waiting = null;
    }
}
