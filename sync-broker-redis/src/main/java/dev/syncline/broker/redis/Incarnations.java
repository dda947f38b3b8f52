package dev.syncline.broker.redis;

import dev.syncline.spi.TopicPartition;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which incarnation of each topic was written to, so that also a producer that is made after a lost connection finds that
 * a topic was made anew meanwhile. By partition: where two processes made a topic at the same time, each has made some of
 * them. Lives as long as its broker. Thread-safe.
 */
final class Incarnations {

    private final Map<TopicPartition, String> known = new ConcurrentHashMap<>();

    /** That of a partition; empty if none is known. */
    String of(TopicPartition partition) {
        return known.getOrDefault(partition, "");
    }

    /** Something was appended. */
    void appended(TopicPartition partition, String incarnation) {
        known.putIfAbsent(partition, incarnation);
    }

    /** The topic is another one now, and that was told. */
    void forget(String topic) {
        known.keySet().removeIf(partition -> partition.topic().equals(topic));
    }
}
