package dev.syncline.runtime.internal.inbox;

import dev.syncline.runtime.internal.envelope.Envelope;
import java.util.IdentityHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Which events have a mark in the outbox, or are about to get one, and stand in no table yet: so that one knows up to
 * which index of the outbox the tables lack nothing.
 *
 * <p>Threading: any.
 */
public final class OpenMarks {

    private final LongSupplier lastIndex;

    /** By the object: it is the same one from its attempt to its settlement. The value is below its mark's index. */
    private final IdentityHashMap<Envelope, Long> open = new IdentityHashMap<>();

    private long lowestRefused = Long.MAX_VALUE;
    private volatile int count;

    /** @param lastIndex that of the outbox */
    public OpenMarks(LongSupplier lastIndex) {
        this.lastIndex = lastIndex;
    }

    /** The mark of an event is about to be stored. */
    synchronized void add(Envelope event) {
        open.putIfAbsent(event, lastIndex.getAsLong());
        count = open.size();
    }

    /** It stands in the tables, or needs not. Cheap if there is none of any event. */
    void remove(Envelope event) {
        if (count > 0) {
            take(event);
        }
    }

    /** The tables refuse it: until the next start it is known by its mark only. */
    synchronized void refused(Envelope event) {
        var below = take(event);
        if (below != null) {
            lowestRefused = Math.min(lowestRefused, below);
        }
    }

    private synchronized @Nullable Long take(Envelope event) {
        var below = open.remove(event);
        count = open.size();
        return below;
    }

    /** The tables lack nothing of the marks up to this index. */
    public long completeUpTo() {
        long complete = lastIndex.getAsLong(); // first: what is added from now on lies above
        synchronized (this) {
            for (long below : open.values()) {
                complete = Math.min(complete, below);
            }
            return Math.min(complete, lowestRefused);
        }
    }
}
