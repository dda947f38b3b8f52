package dev.syncline.runtime.internal.settle;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes and number of the events in flight of one handler. Taken by the poll thread, released by lanes. */
public final class Budget {

    private final long maxBytes;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong events = new AtomicLong();

    /** A budget of so many bytes; one event may exceed it, so that a large one gets through at all. */
    public Budget(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** Whether there is no room for a further event. */
    public boolean isSpent() {
        return bytes.get() >= maxBytes;
    }

    /** How many events are in flight. */
    public long events() {
        return events.get();
    }

    /** How many bytes they keep. */
    public long bytes() {
        return bytes.get();
    }

    void take(int size) {
        bytes.addAndGet(size);
        events.incrementAndGet();
    }

    void release(int size) {
        bytes.addAndGet(-size);
        events.decrementAndGet();
    }
}
