package dev.syncline.broker.redis;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Lets one thread at a time in, and that one again from within its own calls: listeners call back.
 *
 * <p>Threading: any thread.
 */
final class Confinement {

    private final AtomicReference<@Nullable Thread> user = new AtomicReference<>();

    /**
     * Comes in. Returns what {@link #leave} is to be given.
     *
     * @throws IllegalStateException if another thread is inside
     */
    @Nullable
    Thread enter() {
        var self = Thread.currentThread();
        var other = user.get();
        if (other == null ? !user.compareAndSet(null, self) : !other.equals(self)) {
            throw new IllegalStateException(
                    "a consumer is used by one thread at a time: wake it up, and let the polling thread close it");
        }
        return other;
    }

    /** Goes out, back to where it was. */
    void leave(@Nullable Thread before) {
        user.set(before);
    }
}
