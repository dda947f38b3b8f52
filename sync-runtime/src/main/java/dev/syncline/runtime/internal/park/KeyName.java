package dev.syncline.runtime.internal.park;

import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.spi.Position;

/**
 * A key as lanes file it. Events without a key keep no order, so each is a key of its own, named by its place; no real
 * key contains the character that those names begin with.
 */
record KeyName(String topic, String name) {

    private static final char PLACE = '\0';

    static KeyName of(Envelope event) {
        var received = event.received();
        return of(
                received.partition().topic(), event.key(), received.partition().partition(), received.position());
    }

    static KeyName of(String topic, String key, int partition, Position position) {
        return new KeyName(topic, key.isEmpty() ? PLACE + "" + partition + "@" + position : key);
    }

    static boolean isPlace(String name) {
        return name.charAt(0) == PLACE;
    }
}
