package dev.syncline.runtime;

import dev.syncline.spi.Position;
import dev.syncline.spi.TopicPartition;
import java.time.Instant;
import java.util.Objects;

/**
 * An event that a handler could not handle and that is out of attempts, as it was when it was listed. It is the oldest of
 * its key; later events of the key wait behind it, in order. Holds no payload. Immutable.
 *
 * @param handler durable id of the handler; {@code relay:<broker>} if a broker refuses to take it
 * @param letter its name among the parked events of the handler; grows in the order in which they were parked, and is
 *     never given to another
 * @param partition where it came from; of what a broker refuses only the topic counts
 * @param position where it stood there; of what a broker refuses, in the outbox
 * @param key the entity, scoped by the topic; empty if it has none, and then nothing waits behind it
 * @param type of the event; empty if not even that could be read
 * @param source who published it; empty if not even that could be read
 * @param id unique within the source; empty if not even that could be read
 * @param code stable reason, dotted lower case: {@code rejected}, {@code no.mapper}, {@code payload.malformed} …;
 *     {@code letter.damaged} if the disk damaged what was parked, so that it can only be given up
 * @param reason for people; harmless in a log, cut at 256 characters
 * @param attempts how many were made since it was parked or last redriven
 * @param redrives how often it was handed in again already
 * @param firstFailure of the first attempt ever
 * @param lastFailure of the last attempt
 * @param lettersBehind how many events of the key wait for it
 */
public record DeadLetter(
        String handler,
        long letter,
        TopicPartition partition,
        Position position,
        String key,
        String type,
        String source,
        String id,
        String code,
        String reason,
        int attempts,
        int redrives,
        Instant firstFailure,
        Instant lastFailure,
        int lettersBehind) {

    public DeadLetter {
        Objects.requireNonNull(handler, "handler");
        Objects.requireNonNull(partition, "partition");
        Objects.requireNonNull(position, "position");
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(code, "code");
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(firstFailure, "firstFailure");
        Objects.requireNonNull(lastFailure, "lastFailure");
    }

    /** The topic that it came from. */
    public String topic() {
        return partition.topic();
    }
}
