package dev.syncline.runtime.internal.inbox;

import dev.syncline.runtime.internal.dispatch.Applied;
import org.jspecify.annotations.Nullable;

/** Inbox and guard of a handler, wherever they are kept, and what they say of themselves. */
public interface HandlerApplied extends Applied {

    /** Events that were applied before and came again, since the start. Any thread. */
    long duplicates();

    /** Events that something newer of their entity had overtaken, since the start. Any thread. */
    long stale();

    /** What is not well; null if nothing. Any thread. */
    @Nullable
    String problem();
}
