package dev.syncline.runtime.internal.relay;

import dev.syncline.spi.Position;
import dev.syncline.spi.TopicPartition;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Where the newest of what this process has shipped stands, by broker and partition. What a consumer says of its lag may
 * be older than that. Written by the relay's thread, read by any.
 */
final class Confirmed {

    private final Map<String, Map<TopicPartition, Position>> newest = new ConcurrentHashMap<>();

    /** A broker confirmed a message; repeats stand behind what they repeat. */
    void add(String broker, TopicPartition partition, Position position) {
        newest.computeIfAbsent(broker, name -> new ConcurrentHashMap<>())
                .merge(partition, position, (known, added) -> known.compareTo(added) < 0 ? added : known);
    }

    /** What the broker confirmed is to be shipped again: it may have lost it, and count from the beginning. */
    void forget(String broker) {
        newest.remove(broker);
    }

    /** Of one broker. */
    Map<TopicPartition, Position> of(String broker) {
        return Map.copyOf(newest.getOrDefault(broker, Map.of()));
    }
}
