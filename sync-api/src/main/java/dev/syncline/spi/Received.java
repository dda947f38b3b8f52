package dev.syncline.spi;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A message as a consumer took it from its broker.
 *
 * @param partition where it stood
 * @param position where in the partition; grows from one message of a partition to the next
 * @param message what could be read of it
 * @param timestamp when the broker, or the producer by the broker's record, says it was sent
 * @param defect why it cannot be trusted, null if nothing is wrong at the level of headers
 */
public record Received(
        TopicPartition partition,
        Position position,
        Message message,
        Instant timestamp,
        @Nullable Defect defect) {

    public Received {
        Objects.requireNonNull(partition, "partition");
        Objects.requireNonNull(position, "position");
        Objects.requireNonNull(message, "message");
        Objects.requireNonNull(timestamp, "timestamp");
    }
}
