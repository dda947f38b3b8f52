package dev.syncline.runtime.internal.ingest;

import dev.syncline.runtime.internal.dispatch.Lanes;
import org.jspecify.annotations.Nullable;

/** State of a handler that is not at hand when it starts: partitions wait for it, and lanes hear of it later. */
public interface LateState extends PartitionGate {

    /** Who is to know what is parked before the first event comes. Once, before anything is opened. */
    void tell(Lanes lanes);

    /** What is to be done after something was opened, on a thread of its own. Once, before anything is opened. */
    void afterOpening(Runnable task);

    /** What keeps it from being used just now, for people; null if nothing does. Any thread. */
    @Nullable
    String problem();
}
