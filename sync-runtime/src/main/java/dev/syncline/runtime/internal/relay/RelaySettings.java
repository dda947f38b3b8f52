package dev.syncline.runtime.internal.relay;

import java.time.Duration;

/**
 * How the relay ships.
 *
 * @param batchMessages most messages handed to a producer at once
 * @param batchBytes most bytes of them, unless a single one is larger
 * @param windowMessages most messages of one destination between the lowest unanswered and the newest sent
 * @param windowBytes most unanswered bytes of one destination, unless a single message is larger
 * @param firstBackoff pause after the first failure; doubles with every further one
 * @param maxBackoff longest pause before jitter, which adds up to half of it. So that shipping goes on within 5 seconds
 *     after a broker is back (L1), one and a half times this is well below
 * @param refusedRetry pause before a destination that was refused for good is tried again
 * @param silence a destination that has messages in flight and gets no answer for so long is started again (L7)
 * @param saveEvery shortest time between two writes of the cursors
 */
public record RelaySettings(
        int batchMessages,
        int batchBytes,
        int windowMessages,
        int windowBytes,
        Duration firstBackoff,
        Duration maxBackoff,
        Duration refusedRetry,
        Duration silence,
        Duration saveEvery) {

    public RelaySettings {
        if (batchMessages < 1 || batchBytes < 1 || windowMessages < 1 || windowBytes < 1) {
            throw new IllegalArgumentException("batch and window hold at least one message");
        }
        if (firstBackoff.isNegative() || firstBackoff.isZero() || maxBackoff.compareTo(firstBackoff) < 0) {
            throw new IllegalArgumentException("backoff goes from " + firstBackoff + " to " + maxBackoff);
        }
    }

    /**
     * Batches of 256 messages or 1 MiB, windows of 1024 messages or 4 MiB, backoff from 100 ms to 3 s, refused ones
     * again after 30 s, silence of 60 s, cursors saved 5 times a second.
     */
    public static RelaySettings defaults() {
        return new RelaySettings(
                256,
                1 << 20,
                1024,
                4 << 20,
                Duration.ofMillis(100),
                Duration.ofSeconds(3),
                Duration.ofSeconds(30),
                Duration.ofSeconds(60),
                Duration.ofMillis(200));
    }

    /** With another window. */
    public RelaySettings withWindow(int messages, int bytes) {
        return new RelaySettings(
                batchMessages, batchBytes, messages, bytes, firstBackoff, maxBackoff, refusedRetry, silence, saveEvery);
    }

    /** With another batch. */
    public RelaySettings withBatch(int messages, int bytes) {
        return new RelaySettings(
                messages,
                bytes,
                windowMessages,
                windowBytes,
                firstBackoff,
                maxBackoff,
                refusedRetry,
                silence,
                saveEvery);
    }
}
