package dev.syncline.runtime.internal.publish;

import dev.syncline.runtime.internal.outbox.Outgoing;
import java.util.List;

/** Where encoded events become durable. */
@FunctionalInterface
public interface Sink {

    /**
     * Stores events, all or none.
     *
     * @param marks of the events that were applied and whose results these are; empty if they are nobody's results
     * @throws dev.syncline.api.OutboxException if there is no room or the disk fails
     */
    void append(List<Outgoing> entries, List<byte[]> marks);
}
