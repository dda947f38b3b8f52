package dev.syncline.spi;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Told which partitions a consumer owns. Every call comes inside {@link BrokerConsumer#poll} or
 * {@link BrokerConsumer#close}, on the thread that called it, and may itself call {@code acknowledge}, {@code pause},
 * {@code resume} and {@code seek} of that consumer.
 */
public interface AssignmentListener {

    /** These partitions are ours from now on; no message of them was delivered to us before this call. */
    void onAssigned(List<Assigned> partitions);

    /**
     * These partitions are about to be given up, and are still ours during the call: the last chance to acknowledge
     * what is done. After it no message of them is delivered.
     */
    void onRevoked(Set<TopicPartition> partitions);

    /** These partitions are gone, and another consumer may own them already: nothing may be acknowledged. */
    void onLost(Set<TopicPartition> partitions);

    /**
     * A partition that became ours.
     *
     * @param acknowledged the newest position that this group acknowledged there, null if none; may lie before the
     *     oldest message that there is
     * @param metadata what was kept beside that position; empty if nothing
     */
    record Assigned(TopicPartition partition, @Nullable Position acknowledged, String metadata) {
        public Assigned {
            Objects.requireNonNull(partition, "partition");
            Objects.requireNonNull(metadata, "metadata");
        }
    }
}
