package dev.syncline.runtime.internal.shared;

import dev.syncline.runtime.internal.shared.AppliedEntries.Identity;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Events that were applied here, and of which the store could not be told: it was away, and then the partition was another's.
 * The process knows it still, so what comes again to it is not applied again (S6). Who else gets the event cannot know.
 *
 * <p>Threading: any thread. What belongs to a key is added and looked up by the one lane that owns the key.
 */
final class Unmarked {

    /** As many as are in work when a partition goes, many times over; the oldest are forgotten first. */
    private static final int MOST = 4096;

    private final Set<Identity> events = new LinkedHashSet<>();
    private volatile boolean isEmpty = true;

    void add(Identity event) {
        synchronized (events) {
            events.add(event);
            if (events.size() > MOST) {
                events.remove(events.iterator().next());
            }
            isEmpty = false;
        }
    }

    /** Whether the event was applied here. Costs a look at a field where nothing is amiss. */
    boolean contains(AppliedEntries event) {
        if (isEmpty) {
            return false;
        }
        synchronized (events) {
            return events.contains(event.identity());
        }
    }

    /** The store knows it now. */
    void remove(AppliedEntries event) {
        if (isEmpty) {
            return;
        }
        synchronized (events) {
            events.remove(event.identity());
            isEmpty = events.isEmpty();
        }
    }

    /** What was known in the store was forgotten, as a person wants who has everything handled anew. */
    void clear() {
        synchronized (events) {
            events.clear();
            isEmpty = true;
        }
    }
}
