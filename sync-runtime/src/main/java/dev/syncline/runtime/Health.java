package dev.syncline.runtime;

import java.util.List;
import java.util.Map;

/**
 * How an instance is, at one moment. Immutable.
 *
 * @param isReady whether it is started and every broker and partition it needs can be worked on
 * @param isUp whether nothing needs a person: false while a key is blocked, a contract is broken in bulk, the disk fails
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
     */
    public record HandlerHealth(long lag, long inFlight, List<BlockedKey> blockedKeys, long duplicates, long stale) {
        public HandlerHealth {
            blockedKeys = List.copyOf(blockedKeys);
        }
    }

    /**
     * A key whose oldest event could not be handled yet; later events of the key wait behind it.
     *
     * @param event what it is and where it stands; no payload
     * @param code stable reason, dotted lower case
     * @param attempts how many were made
     */
    public record BlockedKey(String topic, String key, String event, String code, String reason, int attempts) {}
}
