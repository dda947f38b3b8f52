package dev.syncline.broker.redis;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * How far a partition is behind, as the server said; unknown rather than old.
 *
 * <p>Threading: the polling thread.
 */
final class Lag {

    /** It is asked for once a second: after so long an answer is missing, or nobody polled. */
    static final Duration KNOWN_FOR = Duration.ofSeconds(2);

    private boolean isKnown;
    private long entries;
    private long askedNanos;

    /** The server said so. */
    void measured(long count, long asked) {
        isKnown = true;
        entries = count;
        askedNanos = asked;
    }

    void unknown() {
        isKnown = false;
    }

    OptionalLong at(long nowNanos) {
        return isKnown && nowNanos - askedNanos <= KNOWN_FOR.toNanos()
                ? OptionalLong.of(entries)
                : OptionalLong.empty();
    }
}
