package dev.syncline.broker.redis;

import dev.syncline.api.BrokerException;
import org.jspecify.annotations.Nullable;

/**
 * What went wrong since the last poll, for that poll to throw: the newest, but what somebody must mend before what mends
 * itself.
 *
 * <p>Threading: the polling thread.
 */
final class Problems {

    private @Nullable BrokerException newest;

    void add(BrokerException problem) {
        if (newest == null || newest.isRetryable() || !problem.isRetryable()) {
            newest = problem;
        }
    }

    /** Throws it, once. */
    void throwNewest() {
        var problem = newest;
        newest = null;
        if (problem != null) {
            throw problem;
        }
    }
}
