package dev.syncline.runtime.internal.inbox;

import dev.syncline.api.EventType;
import dev.syncline.runtime.internal.envelope.Envelope;

/**
 * What a guard needs of an event.
 *
 * @param shard of topic and key, 0 to 255
 * @param origin where the change was first made; versions of two origins are never compared
 * @param topic scope of the key
 * @param key the entity; empty for an event about none, which is never guarded
 * @param version the origin's revision of the entity, or {@link #NO_VERSION}
 * @param kind what the event says of the entity; an event without data is a DELETE
 */
public record EntityChange(int shard, String origin, String topic, String key, long version, EventType.Kind kind) {

    /** The event has no entity version. */
    public static final long NO_VERSION = -1;

    /** What an event says, whose envelope is well. */
    public static EntityChange of(Envelope event, EventType.Kind kind) {
        var origin = event.message().attribute("origin");
        var version = event.message().attribute("entityversion");
        return new EntityChange(
                event.shard(),
                origin.isEmpty() ? event.source() : origin,
                event.received().partition().topic(),
                event.key(),
                version.isEmpty() ? NO_VERSION : Long.parseLong(version),
                kind);
    }
}
