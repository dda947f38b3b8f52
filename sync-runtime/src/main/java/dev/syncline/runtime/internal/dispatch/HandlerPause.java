package dev.syncline.runtime.internal.dispatch;

import java.util.concurrent.atomic.AtomicLong;

/** Until when no attempt of a handler begins: its target said that it is away, or an operator paused it. */
final class HandlerPause {

    private static final long OFF = Long.MIN_VALUE;

    private final AtomicLong until = new AtomicLong(OFF);
    private volatile boolean byOperator;

    boolean isOn(long nowNanos) {
        if (byOperator) {
            return true;
        }
        long end = until.get();
        return end != OFF && nowNanos - end < 0;
    }

    /** When it ends by itself; far away while an operator holds it. */
    long untilNanos() {
        return byOperator ? Long.MAX_VALUE : until.get();
    }

    /**
     * Pauses for so long from now, if that is longer than it is paused already.
     *
     * @return whether it was not paused before
     */
    boolean extend(long nowNanos, long pauseNanos) {
        boolean wasOn = isOn(nowNanos);
        long end = nowNanos + pauseNanos;
        until.accumulateAndGet(end, (before, after) -> before == OFF ? after : Math.max(before, after));
        return !wasOn;
    }

    void operator(boolean paused) {
        byOperator = paused;
    }

    /** Ends it, whoever began it. */
    void end() {
        byOperator = false;
        until.set(OFF);
    }
}
