package dev.syncline.runtime.internal.settle;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What may run of one partition, for one assignment of it. Once it is fenced nothing begins any more, and what has begun
 * can be waited for (S13).
 *
 * <p>Threading: any thread; {@link #fence} by the poll thread. Nobody waits in here.
 */
public final class Fence extends LinePadding {

    private static final VarHandle RUNNING;

    static {
        try {
            RUNNING = MethodHandles.lookup().findVarHandle(Fence.class, "running", long.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    @SuppressWarnings("unused") // by RUNNING
    private volatile long running;

    private volatile boolean fenced;

    @SuppressWarnings("unused")
    private long b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15, b16;

    /**
     * Asks to begin work; if it may, {@link #end} follows.
     *
     * <p>The count goes up before the fence is read, and the fence before the count is read: either this sees the fence
     * or {@link #isIdle} sees the work.
     */
    public boolean begin() {
        RUNNING.getAndAdd(this, 1L);
        if (fenced) {
            RUNNING.getAndAdd(this, -1L);
            return false;
        }
        return true;
    }

    /** Work that began has ended. */
    public void end() {
        RUNNING.getAndAdd(this, -1L);
    }

    /** Nothing begins any more. */
    public void fence() {
        fenced = true;
    }

    /** Whether nothing may begin. */
    public boolean isFenced() {
        return fenced;
    }

    /** Whether nothing runs; final once fenced. */
    public boolean isIdle() {
        return running == 0;
    }
}
