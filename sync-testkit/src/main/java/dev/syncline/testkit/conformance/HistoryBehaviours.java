package dev.syncline.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.spi.BrokerConsumer.Acknowledgement;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.TopicPartition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random histories, each from its seed: sends, polls, acknowledgements, pauses, joins and leaves in any order. Every
 * single delivery is held against a model: the first message of an assignment is the one after the acknowledged
 * position, and each next one follows without a gap.
 */
abstract class HistoryBehaviours extends Behaviours {

    private static final int PARTITIONS = 4;
    private static final int STEPS = 120;
    private static final int MOST_CONSUMERS = 3;

    HistoryBehaviours(Supplier<BrokerFixture> open) {
        super(open);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 20261122})
    void s9_everyOwnerGoesOnWhereItMust(long seed) {
        new History(seed).run();
    }

    private final class History {

        private final Random random;
        private final String topic = bench.topic(PARTITIONS);
        private final String group = bench.group();
        private final ConformanceProducer producer = bench.producer();
        private final int mostConsumers = bench.capabilities().rebalances() ? MOST_CONSUMERS : 1;
        private final List<ConformanceConsumer> consumers = new ArrayList<>();
        private final Map<TopicPartition, NavigableSet<Position>> sent = new HashMap<>();
        private final Map<TopicPartition, Position> acknowledged = new HashMap<>();
        private final List<String> violations = new ArrayList<>();
        private final StringBuilder story = new StringBuilder();
        private int batches;

        History(long seed) {
            random = new Random(seed);
        }

        void run() {
            join();
            for (int step = 0; step < STEPS; step++) {
                step();
                assertThat(violations).as("after%s", story).isEmpty();
            }
            finish();
        }

        private void step() {
            int dice = random.nextInt(100);
            if (dice < 20) {
                send();
            } else if (dice < 65) {
                one().pollBriefly();
            } else if (dice < 80) {
                acknowledgeSome(one());
            } else if (dice < 90) {
                pauseOrResume(one());
            } else if (dice < 95) {
                leave(one());
            } else if (consumers.size() < mostConsumers) {
                join();
            }
        }

        private ConformanceConsumer one() {
            return consumers.get(random.nextInt(consumers.size()));
        }

        private void send() {
            story.append(" send");
            int batch = batches++;
            var messages = Messages.overKeys(topic, 16, 1 + random.nextInt(40)).stream()
                    .map(one -> Messages.text(topic, one.key(), batch + "/" + one.attribute("id")))
                    .toList();
            for (var result : producer.sendAll(messages)) {
                sent.computeIfAbsent(result.partition(), first -> new TreeSet<>())
                        .add(result.position());
            }
        }

        private void join() {
            story.append(" join");
            var consumer = bench.consumer(group, topic);
            var before = new HashMap<TopicPartition, @Nullable Position>();
            consumer.whenAssigned(assigned -> assigned.forEach(one -> {
                var position = acknowledged.get(one.partition());
                if (one.acknowledged() != null && !one.acknowledged().equals(position)) {
                    violations.add(one + ", while " + position + " was acknowledged");
                }
                before.put(one.partition(), position);
            }));
            consumer.whenReceived(message -> follow(before.put(message.partition(), message.position()), message));
            consumers.add(consumer);
        }

        private void follow(@Nullable Position before, Received message) {
            var all = sent.getOrDefault(message.partition(), new TreeSet<>());
            var next = before == null ? all.stream().findFirst().orElse(null) : all.higher(before);
            if (!message.position().equals(next)) {
                violations.add("message " + message.position() + " of " + message.partition() + " after " + before
                        + ", where " + next + " is next");
            }
        }

        /** Of each partition that the consumer owns, up to any message that it got. */
        private void acknowledgeSome(ConformanceConsumer consumer) {
            var last = new HashMap<TopicPartition, Acknowledgement>();
            for (var message : consumer.received) {
                var done = acknowledged.get(message.partition());
                boolean isNews = done == null || message.position().compareTo(done) > 0;
                if (isNews && consumer.owned.contains(message.partition()) && random.nextInt(4) > 0) {
                    last.put(message.partition(), new Acknowledgement(message.position(), ""));
                }
            }
            if (!last.isEmpty()) {
                story.append(" acknowledge");
                last.forEach((partition, position) -> acknowledged.put(partition, position.position()));
                acknowledge(consumer, last);
            }
        }

        /**
         * Until the broker confirmed, or the next owner was told. Where members agree among themselves who owns what, a
         * group that is about to takes no acknowledgement before each of them was polled, this one too.
         */
        private void acknowledge(ConformanceConsumer consumer, Map<TopicPartition, Acknowledgement> positions) {
            var all = consumers.toArray(ConformanceConsumer[]::new);
            bench.until(
                    "the broker confirmed " + positions,
                    () -> {
                        positions.keySet().retainAll(consumer.owned);
                        return consumer.raw().acknowledgeNow(positions, Duration.ofSeconds(1));
                    },
                    all);
        }

        private void pauseOrResume(ConformanceConsumer consumer) {
            if (random.nextBoolean()) {
                consumer.owned.stream()
                        .min(Comparator.comparingInt(TopicPartition::partition))
                        .ifPresent(partition -> {
                            story.append(" pause");
                            consumer.pause(Set.of(partition));
                        });
            } else if (!consumer.owned.isEmpty()) {
                story.append(" resume");
                consumer.resume(Set.copyOf(consumer.owned));
            }
        }

        private void leave(ConformanceConsumer consumer) {
            story.append(" leave");
            consumers.remove(consumer);
            closeWhileOthersArePolled(consumer);
            if (consumers.isEmpty()) {
                join();
            }
        }

        /** As in processes of their own: it may take seconds, and who is not polled meanwhile is taken for dead. */
        private void closeWhileOthersArePolled(ConformanceConsumer consumer) {
            var closed =
                    CompletableFuture.runAsync(consumer::close, task -> new Thread(task, "closing a consumer").start());
            while (!consumers.isEmpty() && !closed.isDone()) {
                consumers.forEach(ConformanceConsumer::pollBriefly);
            }
            closed.join();
        }

        /** One consumer stays, and gets all that is not acknowledged. */
        private void finish() {
            while (consumers.size() > 1) {
                leave(consumers.get(1));
            }
            var last = consumers.get(0).untilAssigned(PARTITIONS);
            last.resume(Set.copyOf(last.owned));
            sent.forEach((partition, positions) ->
                    last.until("the end of " + partition, () -> isAtTheEnd(last, partition, positions.last())));
            assertThat(violations).as("after%s", story).isEmpty();
        }

        private boolean isAtTheEnd(ConformanceConsumer consumer, TopicPartition partition, Position end) {
            return end.equals(acknowledged.get(partition))
                    || consumer.received.stream()
                            .anyMatch(one -> one.partition().equals(partition)
                                    && one.position().equals(end));
        }
    }
}
