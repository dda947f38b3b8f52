package dev.syncline.runtime;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * How an instance is, at one moment. Immutable.
 *
 * @param isReady whether it is started and works on all it has: false while a broker, a partition or the target of a
 *     handler is away, which ends by itself, and while the brake holds a handler
 * @param isUp whether nothing needs a person: false while a key is blocked, the brake holds a handler, the disk fails
 * @param problems what is not well, a line each, with what to do; empty when ready and up
 * @param outbox what waits in the outbox
 * @param handlers by handler id
 */
public record Health(
        boolean isReady,
        boolean isUp,
        List<String> problems,
        OutboxHealth outbox,
        Map<String, HandlerHealth> handlers) {

    public Health {
        problems = List.copyOf(problems);
        handlers = Map.copyOf(handlers);
    }

    /**
     * What waits in the outbox.
     *
     * @param lastSequence number of the newest entry; 0 if there never was one
     * @param unshipped entries that no broker has confirmed yet; an upper bound
     * @param bytesOnDisk of all kept entries
     */
    public record OutboxHealth(long lastSequence, long unshipped, long bytesOnDisk) {}

    /**
     * How a handler is.
     *
     * @param lag messages between the newest of its topics and its acknowledged positions; -1 where not known
     * @param inFlight events taken and not settled
     * @param blockedKeys keys that wait for a later attempt or a person, with the reason, at most 100 of them
     * @param duplicates events since the start that were applied before and came again
     * @param stale events since the start that something newer of their entity had overtaken
     * @param skipped events since the start that were settled without being applied, by reason: {@code echo}, {@code mode},
     *     {@code expired}, {@code skip}, {@code filtered}, {@code delete.ignored}, {@code foreign.tombstone}, and
     *     {@code unhandled.type <type>} where no method takes it
     * @param breaker whether its target is taken to be away
     * @param brake why the dead-letter brake holds it until {@link Sync#resume} or a restart; empty if it does not
     */
    public record HandlerHealth(
            long lag,
            long inFlight,
            List<BlockedKey> blockedKeys,
            long duplicates,
            long stale,
            Map<String, Long> skipped,
            BreakerHealth breaker,
            String brake) {
        public HandlerHealth {
            blockedKeys = List.copyOf(blockedKeys);
            skipped = Map.copyOf(skipped);
        }
    }

    /**
     * Whether the target of a handler is taken to be away, since attempts failed at several keys at once.
     *
     * @param why what opened it; empty while it is closed
     * @param since how long it has not been closed; zero while it is
     * @param left how long no attempt begins yet; zero while it is not open
     */
    public record BreakerHealth(State state, String why, Duration since, Duration left) {

        /** Nothing is wrong. */
        public static final BreakerHealth CLOSED = new BreakerHealth(State.CLOSED, "", Duration.ZERO, Duration.ZERO);

        /** What it lets through. */
        public enum State {
            /** Every attempt. */
            CLOSED,
            /** None: events wait, and nothing of them is spent. */
            OPEN,
            /** One attempt, which shows whether the target is back. */
            HALF_OPEN
        }
    }

    /**
     * A key whose oldest event could not be handled yet; later events of the key wait behind it.
     *
     * @param event what it is and where it stands; no payload
     * @param code stable reason, dotted lower case; {@code first.in.line} if what was parked before it is done, or how its
     *     attempt ended was not put down before a crash: its next attempt follows
     * @param attempts how many were made, as far as that is on record
     */
    public record BlockedKey(String topic, String key, String event, String code, String reason, int attempts) {}
}
