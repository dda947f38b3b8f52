package dev.syncline.runtime.internal.inbox;

import java.util.Map;
import java.util.TreeMap;

/**
 * How far the marks of the outbox are in the tables.
 *
 * @param complete up to this index of the outbox the tables lack nothing; {@link #NOTHING} if nothing is known
 * @param forgotten handlers that were forgotten, and up to which index their marks say nothing any more
 */
public record MarkProgress(long complete, Map<String, Long> forgotten) {

    /** As {@link #complete}: all marks have to be looked through. */
    public static final long NOTHING = -1;

    /** Nothing known. */
    public static final MarkProgress NONE = new MarkProgress(NOTHING, Map.of());

    public MarkProgress {
        forgotten = Map.copyOf(forgotten);
    }

    /** As this, complete up to an index; what was forgotten before the outbox begins needs no mention. */
    MarkProgress upTo(long index, long firstIndex) {
        var still = new TreeMap<>(forgotten);
        still.values().removeIf(forgottenUpTo -> forgottenUpTo < firstIndex);
        return new MarkProgress(index, still);
    }

    /** As this, a handler forgotten. */
    MarkProgress without(String handler, long upTo) {
        var more = new TreeMap<>(forgotten);
        more.put(handler, upTo);
        return new MarkProgress(complete, more);
    }
}
