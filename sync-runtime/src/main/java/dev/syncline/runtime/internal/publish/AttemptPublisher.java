package dev.syncline.runtime.internal.publish;

import dev.syncline.api.EventPublisher;
import java.util.List;
import java.util.function.Supplier;

/**
 * The publisher inside one attempt: collects what the handler publishes, under ids derived from the event being
 * handled, and stores all of it in one document when the attempt has succeeded.
 *
 * <p>Threading: user code may call it from any thread until the attempt ends; {@link #commit} and {@link #discard} once,
 * by handling. After either, publishing throws {@link dev.syncline.api.OutboxException}.
 */
public interface AttemptPublisher extends EventPublisher {

    /**
     * Stores what was collected, all or nothing; returns at once if nothing was.
     *
     * @param marks asked for what is to be stored beside it, unless nothing was collected
     * @throws dev.syncline.api.OutboxException if the disk has no room or fails; nothing was stored
     */
    void commit(Supplier<List<byte[]>> marks);

    /** Forgets what was collected. */
    void discard();

    /** Makes this publisher the one of the current thread until the scope is closed. */
    Scope enter();

    /** What {@link #enter} opened. */
    interface Scope extends AutoCloseable {
        @Override
        void close();
    }
}
