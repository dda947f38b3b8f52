package dev.syncline.spi;

import java.util.Objects;

/**
 * One ordered part of a topic.
 *
 * @param partition from 0
 */
public record TopicPartition(String topic, int partition) {

    public TopicPartition {
        Objects.requireNonNull(topic, "topic");
        if (partition < 0) {
            throw new IllegalArgumentException("partition counts from 0, not " + partition);
        }
    }

    @Override
    public String toString() {
        return topic + "-" + partition;
    }
}
