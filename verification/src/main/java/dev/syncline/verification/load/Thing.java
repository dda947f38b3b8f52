package dev.syncline.verification.load;

import dev.syncline.api.EntityVersion;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;

/**
 * What is published: the n-th event of its key, counted from 0.
 *
 * @param publishedNanos of the monotonic clock of the publishing process
 */
@EventType("load.thing.changed")
record Thing(@EventKey String key, @EntityVersion long n, long publishedNanos, String text) {

    static final String TOPIC = "load.thing";

    /** Some 250 bytes of JSON. */
    private static final String TEXT = "Lamp ".repeat(36);

    static Thing of(int key, long n) {
        return new Thing("key-" + key, n, System.nanoTime(), TEXT);
    }

    int number() {
        return Integer.parseInt(key.substring(4));
    }
}
