package dev.syncline.benchmarks;

import dev.syncline.runtime.internal.outbox.OutboxAlarms;

/** A benchmark over a damaged log measures nothing. */
enum Alarms implements OutboxAlarms {
    FAILING;

    @Override
    public void onDamaged(long index, String why) {
        throw new IllegalStateException("damaged entry " + index + ": " + why);
    }

    @Override
    public void onGap(long expectedN, long foundN, long index) {
        throw new IllegalStateException("gap before " + foundN);
    }
}
