package dev.syncline.broker.kafka;

import dev.syncline.api.Secret;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import org.apache.kafka.common.IsolationLevel;
import org.jspecify.annotations.Nullable;

/**
 * The options of one broker, checked. Secrets stay wrapped until {@link #known} hands them to a client.
 *
 * @param address {@code host:port,…}, also for people
 * @param clientId what client ids begin with
 * @param clientOptions Kafka's own, by Kafka's names; {@code String} or {@link Secret}
 * @param createTopics whether missing topics are made
 * @param topicPartitions with how many partitions; null for the broker's default
 * @param topicReplication with how many replicas; null for the broker's default
 * @param pinned partitions read instead of those the group assigns; empty for none
 * @param protocol how groups are run
 */
record KafkaSettings(
        String address,
        String clientId,
        Map<String, Object> clientOptions,
        boolean createTopics,
        @Nullable Integer topicPartitions,
        @Nullable Short topicReplication,
        SortedSet<Integer> pinned,
        Protocol protocol) {

    KafkaSettings {
        clientOptions = Map.copyOf(clientOptions);
    }

    /** How the members of a group find their partitions. */
    enum Protocol {
        /** What the broker can. */
        AUTO,
        /** By the broker, incrementally: KIP-848. */
        CONSUMER,
        /** By the members, with the cooperative assignor. */
        CLASSIC
    }

    /** The options that a client knows, secrets revealed: for that client only. */
    Map<String, Object> known(Set<String> names) {
        var known = new HashMap<String, Object>();
        clientOptions.forEach((name, value) -> {
            if (names.contains(name)) {
                known.put(name, value instanceof Secret secret ? secret.reveal() : value);
            }
        });
        return known;
    }

    /** With topics that are made with one partition. */
    KafkaSettings withOnePartition() {
        return new KafkaSettings(address, clientId, clientOptions, createTopics, 1, topicReplication, pinned, protocol);
    }

    /** Which messages are read. */
    IsolationLevel isolation() {
        return "read_uncommitted".equals(clientOptions.get("isolation.level"))
                ? IsolationLevel.READ_UNCOMMITTED
                : IsolationLevel.READ_COMMITTED;
    }

    /** An option as a number, or what holds if it is not given. */
    long number(String name, long otherwise) {
        return clientOptions.get(name) instanceof String text ? Long.parseLong(text.trim()) : otherwise;
    }
}
