package dev.syncline.verification.place;

/**
 * A message as it lies at the broker.
 *
 * @param number that its outbox gave it
 * @param millis when the broker stored it, or its client sent it, in milliseconds since the epoch
 */
public record Shipped(int partition, String id, long number, long millis) {

    static Shipped of(int partition, String id, String outboxSequence, long millis) {
        return new Shipped(
                partition, id, Long.parseLong(outboxSequence.substring(outboxSequence.indexOf(':') + 1)), millis);
    }
}
