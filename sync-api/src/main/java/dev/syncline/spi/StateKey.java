package dev.syncline.spi;

import java.util.Objects;

/**
 * Names an entry.
 *
 * @param table where it is
 * @param key opaque, 16 bytes
 */
public record StateKey(StateTable table, Bytes key) {

    public StateKey {
        Objects.requireNonNull(table, "table");
        Objects.requireNonNull(key, "key");
    }
}
