package dev.syncline.testkit;

import java.util.Set;

/** One consumer as its group sees it. Guarded by the lock of its server. */
final class MemoryMember {

    final Set<String> topics;
    private long lastPollNanos;

    MemoryMember(Set<String> topics, long nowNanos) {
        this.topics = topics;
        this.lastPollNanos = nowNanos;
    }

    void polled(long nowNanos) {
        lastPollNanos = nowNanos;
    }

    long silentNanos(long nowNanos) {
        return nowNanos - lastPollNanos;
    }
}
