package dev.syncline.runtime.internal.relay;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How far the relay is.
 *
 * @param read before this, every entry belongs to one of the destinations, or is not for the relay. A destination that
 *     comes up behind it begins where it comes up
 * @param destinations before each mark all entries of the destination are confirmed
 */
public record Cursors(Mark read, SortedMap<Destination, Mark> destinations) {

    /** Nothing known: everything that the outbox still has is to be shipped. */
    public static final Cursors NONE = of(Mark.START, Map.of());

    public Cursors {
        Objects.requireNonNull(read, "read");
        destinations = Collections.unmodifiableSortedMap(new TreeMap<>(destinations));
    }

    static Cursors of(Mark read, Map<Destination, Mark> destinations) {
        return new Cursors(read, new TreeMap<>(destinations));
    }

    /** The lowest index that is needed to go on from here. */
    long lowestNeeded() {
        long lowest = read.position().major();
        for (var mark : destinations.values()) {
            lowest = Math.min(lowest, mark.position().major());
        }
        return lowest;
    }
}
