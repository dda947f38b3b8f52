package dev.syncline.runtime.internal.outbox;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** Passes on what readers find wrong, each finding once however many readers come by. Any thread. */
final class Findings {

    private static final int MAX_REMEMBERED = 10_000;

    private final OutboxAlarms alarms;
    private final AtomicLong damaged = new AtomicLong();
    private final AtomicLong gaps = new AtomicLong();
    private final Set<Long> told = new HashSet<>();

    Findings(OutboxAlarms alarms) {
        this.alarms = alarms;
    }

    void damaged(long index, String why) {
        if (isNew(index)) {
            damaged.incrementAndGet();
            alarms.onDamaged(index, why);
        }
    }

    void gap(long expectedN, long foundN, long index) {
        if (isNew(~index)) {
            gaps.incrementAndGet();
            alarms.onGap(expectedN, foundN, index);
        }
    }

    long damaged() {
        return damaged.get();
    }

    long gaps() {
        return gaps.get();
    }

    private boolean isNew(long finding) {
        synchronized (told) {
            return told.size() < MAX_REMEMBERED && told.add(finding);
        }
    }
}
