package dev.syncline.runtime.internal.table;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many slots several tables may have together, so that one busy shard can take what quiet ones leave.
 *
 * <p>Threading: any thread.
 */
public final class SlotBudget {

    private final long limit;
    private final AtomicLong taken = new AtomicLong();

    /** Room for so many. */
    public SlotBudget(long limit) {
        this.limit = limit;
    }

    /** Without a limit. */
    public static SlotBudget unlimited() {
        return new SlotBudget(Long.MAX_VALUE);
    }

    /** Takes slots that exist already, whether or not they fit. */
    void take(long slots) {
        taken.addAndGet(slots);
    }

    /** Takes slots if they fit. */
    boolean tryTake(long slots) {
        while (true) {
            long now = taken.get();
            if (now + slots > limit) {
                return false;
            }
            if (taken.compareAndSet(now, now + slots)) {
                return true;
            }
        }
    }

    void give(long slots) {
        taken.addAndGet(-slots);
    }

    /** Slots that exist. */
    public long taken() {
        return taken.get();
    }
}
