package dev.syncline.broker.redis;

import dev.syncline.api.BrokerException;
import dev.syncline.spi.TopicPartition;
import java.util.List;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A topic as it is stored beside its streams. */
record Topic(String name, int partitions) {

    /** All partitions in order. */
    List<TopicPartition> all() {
        return IntStream.range(0, partitions)
                .mapToObj(partition -> new TopicPartition(name, partition))
                .toList();
    }

    /** How many partitions a topic has; empty if it does not exist. */
    static CompletionStage<OptionalInt> partitions(Session session, String name) {
        return stored(session, name).thenApply(fields -> {
            var partitions = fields.get(0);
            return partitions == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(partitions));
        });
    }

    /** Looks a topic up. Fails with {@link BrokerException}, refused if it is missing or other than the options say. */
    static CompletionStage<Topic> find(Session session, String name, RedisOptions options) {
        return stored(session, name).thenApply(fields -> {
            var partitions = fields.get(0);
            if (partitions == null) {
                throw missing(name);
            }
            return checked(name, partitions, fields.get(1), options);
        });
    }

    /**
     * Makes what is missing of a topic. Partition 0 comes last: a topic that has it has all. Fails as {@link #find} does
     * where somebody else made it otherwise.
     *
     * @param existing how many partitions it has, empty if it does not exist
     */
    static CompletionStage<Topic> create(Session session, String name, RedisOptions options, OptionalInt existing) {
        int partitions = existing.orElse(options.partitions().orElse(RedisOptions.DEFAULT_PARTITIONS));
        var incarnation = UUID.randomUUID().toString();
        var made = CompletableFuture.completedStage(new Topic(name, partitions));
        for (int i = partitions - 1; i >= 0; i--) {
            var keys = Keys.list(Keys.topic(new TopicPartition(name, i)));
            var arguments = Keys.list(String.valueOf(partitions), Partitioner.RULE, incarnation);
            made = made.thenCompose(topic -> session.run(Script.TOPIC, keys, arguments)
                    .thenApply(now -> sameAs(topic, checked(name, now.text(0), now.text(1), options))));
        }
        return translated(made, "cannot make topic \"" + name + "\"");
    }

    static BrokerException missing(String name) {
        return BrokerException.refused(
                "topic \"" + name + "\" does not exist in Redis (no key {" + name
                        + ":0}:topic): set the option topics.create=true to have it made at start",
                null);
    }

    private static CompletionStage<List<@Nullable String>> stored(Session session, String name) {
        var key = Keys.topic(new TopicPartition(name, 0));
        return translated(
                session.hashFields(key, "partitions", "rule"), "cannot look up topic \"" + name + "\" (" + key + ")");
    }

    private static <T> CompletionStage<T> translated(CompletionStage<T> request, String what) {
        return request.handle((answer, failure) -> {
            if (failure != null) {
                throw Failures.translate(what, failure);
            }
            return answer;
        });
    }

    private static Topic checked(String name, String partitions, @Nullable String rule, RedisOptions options) {
        if (!Partitioner.RULE.equals(rule)) {
            throw BrokerException.refused(
                    "topic \"" + name + "\" maps keys to partitions by the rule \"" + rule + "\", this client by \""
                            + Partitioner.RULE + "\": order per key would be lost",
                    null);
        }
        int count = Integer.parseInt(partitions);
        if (options.partitions().isPresent() && options.partitions().getAsInt() != count) {
            throw BrokerException.refused(
                    "topic \"" + name + "\" has " + count + " partitions, and the option topics.partitions says "
                            + options.partitions().getAsInt()
                            + ": correct or drop the option; the count of a topic does not change",
                    null);
        }
        return new Topic(name, count);
    }

    private static Topic sameAs(Topic wanted, Topic found) {
        if (wanted.partitions() != found.partitions()) {
            throw BrokerException.refused(
                    "topic \"" + wanted.name() + "\" was made by somebody else with " + found.partitions()
                            + " partitions instead of " + wanted.partitions()
                            + ": start again, or delete what is left under {" + wanted.name() + ":…}",
                    null);
        }
        return wanted;
    }
}
