package dev.syncline.broker.redis;

import dev.syncline.broker.redis.Uplink.Pair;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Waits on a connection of its own for new entries of all partitions at once. A plain read that blocks, which leaves the
 * group alone: what it shows is read again under the lease.
 *
 * <p>Threading: the polling thread.
 */
final class Arrivals {

    private @Nullable Set<String> awaited;
    private boolean isEnding;

    /**
     * Sees to it that entries of these streams are waited for. Returns the wait if a new one began.
     *
     * @param afterIds streams, and the ids after which an entry is news
     */
    @Nullable
    CompletionStage<Set<String>> await(Pair pair, Map<String, String> afterIds) {
        if (awaited == null) {
            if (afterIds.isEmpty()) {
                return null;
            }
            awaited = Set.copyOf(afterIds.keySet());
            isEnding = false;
            return pair.waiting().awaitEntries(afterIds, Connector.LONGEST_WAIT);
        }
        if (!isEnding && !awaited.containsAll(afterIds.keySet())) {
            isEnding = true;
            if (pair.waitingId() >= 0) {
                pair.commands().unblock(pair.waitingId());
            }
        }
        return null;
    }

    /** The wait ended, with or without something. */
    void ended() {
        awaited = null;
    }
}
