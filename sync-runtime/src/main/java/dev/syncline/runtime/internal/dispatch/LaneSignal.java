package dev.syncline.runtime.internal.dispatch;

import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.WaitStrategy;
import dev.syncline.runtime.internal.handling.Attempt;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How a lane waits for all its inputs at once, and how they wake it: one flag, one park. A producer pays one volatile
 * read while the lane is awake; nobody takes a lock, and an idle lane does not spin.
 *
 * <p>The lane sets the flag, looks once more, then parks; a producer makes its input visible, then reads the flag:
 * either the lane sees the input or the producer sees the flag.
 */
final class LaneSignal implements WaitStrategy {

    private volatile boolean parked;
    private volatile @Nullable Thread thread;

    /** The current thread runs the lane from now on. */
    void attach() {
        thread = Thread.currentThread();
    }

    boolean isLaneThread() {
        return thread == Thread.currentThread();
    }

    /** Leaves the lane's thread to the attempt that occupies it; false if none does. Any thread. */
    boolean leaveBehind(Attempt attempt) {
        var stuck = thread;
        return stuck != null && attempt.leaveBehind(stuck);
    }

    /** Waits until woken or for so long, unless {@code hasInput}. Lane's thread. */
    void await(BooleanSupplier hasInput, long atMostNanos) {
        parked = true;
        try {
            if (!hasInput.getAsBoolean()) {
                LockSupport.parkNanos(this, atMostNanos);
            }
        } finally {
            parked = false;
        }
    }

    /** Whether the lane has nothing to do just now. Any thread. */
    boolean isParked() {
        return parked;
    }

    /** Wakes the lane if it waits. Any thread, after its input is visible. */
    void wake() {
        if (parked) {
            LockSupport.unpark(thread);
        }
    }

    /** Called by the ring after each publish, which is a release store: the flag must not be read before it. */
    @Override
    public void signalAllWhenBlocking() {
        VarHandle.fullFence();
        wake();
    }

    /** The lane polls its ring and never waits on a barrier. */
    @Override
    public long waitFor(long sequence, Sequence cursor, Sequence dependent, SequenceBarrier barrier) {
        throw new UnsupportedOperationException("a lane polls its ring");
    }
}
