package dev.syncline.runtime.internal.handling;

import dev.syncline.api.EventType.Kind;
import dev.syncline.runtime.internal.envelope.Envelope;
import java.util.Map;

/**
 * What events tell: the state of an entity, a change, or that it is gone.
 *
 * @param byType of the types that a payload class is known for
 */
record Kinds(Map<String, Kind> byType) {

    Kinds {
        byType = Map.copyOf(byType);
    }

    /** A type that no payload class is known for may count each: nobody said that the newest is enough. */
    Kind of(Envelope envelope) {
        return envelope.message().data() == null ? Kind.DELETE : byType.getOrDefault(envelope.type(), Kind.DELTA);
    }
}
