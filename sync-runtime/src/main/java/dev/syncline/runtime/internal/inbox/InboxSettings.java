package dev.syncline.runtime.internal.inbox;

import java.time.Duration;

/**
 * How much inbox and guard of a handler remember.
 *
 * @param maxIds foreign events that are remembered at least, over all shards, if the keys are spread; in 64 bytes each
 * @param idRetention foreign events older than that may be forgotten
 * @param tombstoneRetention deletes older than that may be forgotten
 * @param isOrderedByLog whether per-key order is given whatever the partition's number is, as it is by {@code local:}
 */
public record InboxSettings(long maxIds, Duration idRetention, Duration tombstoneRetention, boolean isOrderedByLog) {

    /** 10 million ids, 7 days, 30 days, order by partition. */
    public static InboxSettings defaults() {
        return new InboxSettings(10_000_000, Duration.ofDays(7), Duration.ofDays(30), false);
    }

    /** The same for the embedded broker. */
    public InboxSettings orderedByLog() {
        return new InboxSettings(maxIds, idRetention, tombstoneRetention, true);
    }

    /** The same with other bounds of the ids. */
    public InboxSettings withIds(long maxIds, Duration retention) {
        return new InboxSettings(maxIds, retention, tombstoneRetention, isOrderedByLog);
    }
}
