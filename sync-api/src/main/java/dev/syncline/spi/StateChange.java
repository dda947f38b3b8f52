package dev.syncline.spi;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An entry that is to be written, if it is still as it was read.
 *
 * @param key names it
 * @param before what {@link PartitionState#read} said; null if there was none
 * @param after what it is to be; opaque, some tens of bytes
 * @param keepFor after which it may be forgotten, of {@link StateTable#GUARD} only; null to keep it by the rule of its table
 */
public record StateChange(
        StateKey key,
        @Nullable Bytes before,
        Bytes after,
        @Nullable Duration keepFor) {

    public StateChange {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(after, "after");
        if (keepFor != null && (key.table() != StateTable.GUARD || keepFor.isNegative() || keepFor.isZero())) {
            throw new IllegalArgumentException("an entry of " + key.table() + " cannot be kept for " + keepFor);
        }
    }
}
