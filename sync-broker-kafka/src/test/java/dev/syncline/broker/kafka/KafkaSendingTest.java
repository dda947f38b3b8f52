package dev.syncline.broker.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.BrokerException;
import dev.syncline.spi.BrokerProducer;
import dev.syncline.spi.Message;
import dev.syncline.spi.SendResult;
import dev.syncline.spi.SendResult.Failed;
import dev.syncline.spi.SendResult.NotAttempted;
import dev.syncline.spi.SendResult.Sent;
import dev.syncline.testkit.server.KafkaServer;
import dev.syncline.testkit.server.RealKafka;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a broker refuses in the middle of a stream, and what a broker that dies leaves behind. */
@StartsThreads
class KafkaSendingTest {

    @RealKafka(exclusive = true)
    static KafkaServer server;

    private Clients clients;
    private String topic;

    @BeforeEach
    void open(TestInfo test) {
        clients = new Clients(server);
        topic = test.getTestMethod().orElseThrow().getName() + "." + System.nanoTime();
    }

    @AfterEach
    void close() {
        clients.close();
    }

    /**
     * The client sends on when the broker refuses a batch. On failure see where {@code KafkaBrokerProducer} ends its
     * client, and {@code SendLane}: the messages behind were on their way already.
     */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 100, 180})
    void s7_nothingBehindAMessageThatTheBrokerRefusesArrives(int bad) {
        server.createTopic(topic, 1, Map.of("max.message.bytes", "4000"));
        var messages = new ArrayList<Message>(Clients.texts(topic, "k", 200));
        messages.set(bad, Clients.large(topic, "k", "large", 5_000));

        // small batches, so that several are under way
        var results = clients.send(Map.of("batch.size", "200"), messages);

        assertThat(results.subList(0, bad)).hasOnlyElementsOfType(Sent.class);
        assertThat(results.get(bad))
                .isInstanceOfSatisfying(
                        Failed.class,
                        failed -> assertThat(failed.reason())
                                .matches(reason -> !reason.isRetryable(), "refused")
                                .hasMessageContaining(topic)
                                .hasMessageContaining("max.message.bytes"));
        assertThat(results.subList(bad + 1, 200)).hasOnlyElementsOfType(NotAttempted.class);
        assertThat(server.endOffsets(topic)).containsEntry(0, (long) bad);
    }

    /** One bad record makes Kafka refuse its whole batch; nobody else is blamed, and nothing is lost. */
    @Test
    void s10_oneMessageThatTheTopicRefusesIsFoundAmongMany() {
        server.createTopic(topic, 1, Map.of("cleanup.policy", "compact"));
        var messages = new ArrayList<Message>(Clients.texts(topic, "k", 300));
        messages.set(150, Clients.text(topic, "", "without key")); // which a compacted topic refuses
        var refused = new ArrayList<Integer>();
        int next = 0;
        int producers = 0;

        while (next < messages.size()) {
            producers++;
            var results = clients.send(Map.of("linger.ms", "20"), messages.subList(next, messages.size()));
            int sent = (int) results.stream().takeWhile(Sent.class::isInstance).count();
            next += sent;
            if (sent < results.size()
                    && results.get(sent) instanceof Failed failed
                    && !failed.reason().isRetryable()) {
                refused.add(next++);
            }
        }

        assertThat(refused).containsExactly(150);
        assertThat(producers).as("producers it took").isLessThan(20);
        assertThat(clients.consumer("g." + topic, topic).take(299))
                .extracting(one -> one.message().attribute("id"))
                .containsExactlyElementsOf(messages.stream()
                        .filter(one -> !one.key().isEmpty())
                        .map(one -> one.attribute("id"))
                        .toList());
    }

    /** As a relay does: an unanswered message ends the producer, the next begins at the lowest unanswered. */
    @Test
    void s7_killsAndNewProducersLoseNothingAndInvertNothing() {
        server.createTopic(topic, 3);
        var messages = new ArrayList<Message>();
        for (int i = 0; i < 3_000; i++) {
            messages.add(Clients.text(topic, "k" + i % 16, "k" + i % 16 + "#" + String.format("%04d", i / 16)));
        }
        var random = new Random(42);
        var broker = clients.broker(Map.of());
        var sent = new boolean[messages.size()];
        int killed = 0;
        var producer = broker.producer();
        int next = 0;
        while (next < messages.size()) {
            var pending = new Pending(messages, next, Math.min(messages.size(), next + 1_000));
            producer.send(pending.batch(), pending);
            if (killed < 3 && random.nextInt(2) == 0) {
                killed++;
                pending.untilAnswered(1 + random.nextInt(200));
                server.kill();
                server.restart();
            } else if (random.nextInt(3) == 0) {
                pending.untilAnswered(1);
                producer.close(); // an impatient relay
            }
            pending.untilAllAnswered();
            int from = next;
            for (int i = 0; i < pending.results.length; i++) {
                sent[from + i] |= pending.results[i] instanceof Sent;
            }
            while (next < messages.size() && sent[next]) {
                next++;
            }
            if (next < pending.end) {
                producer.close();
                producer = broker.producer();
            }
        }
        producer.close();

        var consumer = clients.consumer("g." + topic, topic);
        var ids = messages.stream().map(one -> one.attribute("id")).toList();
        consumer.until(() -> Set.copyOf(consumer.ids()).containsAll(ids));
        assertThat(killed).isPositive();
        for (int key = 0; key < 16; key++) {
            var prefix = "k" + key + "#";
            assertThat(consumer.ids().stream()
                            .filter(id -> id.startsWith(prefix))
                            .distinct())
                    .as("first arrivals of %s", prefix)
                    .isSorted();
        }
    }

    /** A slice of the messages on its way; each new producer begins at the lowest that is not confirmed. */
    private static final class Pending implements BrokerProducer.SendListener {

        final int end;
        final SendResult[] results;
        private final List<Message> batch;
        private int answered;

        Pending(List<Message> messages, int begin, int end) {
            this.batch = messages.subList(begin, end);
            this.end = end;
            this.results = new SendResult[end - begin];
        }

        List<Message> batch() {
            return batch;
        }

        @Override
        public synchronized void onResult(int index, SendResult result) {
            results[index] = result;
            answered++;
        }

        private synchronized int answered() {
            return answered;
        }

        void untilAnswered(int count) {
            Awaitility.await().atMost(Clients.PATIENCE).until(() -> answered() >= Math.min(count, results.length));
        }

        void untilAllAnswered() {
            untilAnswered(results.length);
        }
    }

    @Test
    void tenThousandMessagesArePipelined() {
        server.createTopic(topic, 4);
        var messages = new ArrayList<Message>();
        for (int i = 0; i < 10_000; i++) {
            messages.add(Clients.text(topic, "k" + i % 100, "m" + i));
        }

        clients.sendAll(messages);

        assertThat(server.endOffsets(topic).values().stream()
                        .mapToLong(Long::longValue)
                        .sum())
                .isEqualTo(10_000);
    }

    /** The broker deletes by the timestamp, and refuses what is an hour ahead (input 39). */
    @ParameterizedTest
    @ValueSource(strings = {"1970-01-01T00:00:00Z", "2199-01-01T00:00:00Z", "garbage"})
    void timeOfTheEventIsNotTheTimeOfTheRecord(String time) {
        server.createTopic(topic, 1, Map.of("retention.ms", "3600000", "segment.ms", "1000"));
        var attributes = new java.util.HashMap<>(Clients.text(topic, "k", "1").attributes());
        attributes.put("time", time);
        var before = Instant.now().minus(Duration.ofMinutes(1));

        clients.sendAll(List.of(new Message(topic, "k", attributes, Map.of(), null)));

        var received = clients.consumer("g." + topic, topic).take(1).get(0);
        assertThat(received.message().attribute("time")).isEqualTo(time);
        assertThat(received.timestamp()).isBetween(before, Instant.now().plusSeconds(60));
    }

    @Test
    void topicThatIsMadeAfterTheProducerIsFoundByTheNext() {
        var broker = clients.broker(Map.of());
        try (var producer = broker.producer()) {
            assertThat(Clients.send(producer, Clients.texts(topic, "k", 1)).get(0))
                    .isInstanceOfSatisfying(
                            Failed.class,
                            failed -> assertThat(failed.reason())
                                    .hasMessageContaining(topic)
                                    .hasMessageContaining("topics.create=true"));
            server.createTopic(topic, 1);
            assertThat(Clients.send(producer, Clients.texts(topic, "k", 1)))
                    .as("one producer, one answer")
                    .hasOnlyElementsOfType(NotAttempted.class);
        }
        try (var producer = broker.producer()) {
            assertThat(Clients.send(producer, Clients.texts(topic, "k", 1))).hasOnlyElementsOfType(Sent.class);
        }
    }

    @Test
    void partitionsThatAreAddedAreUsed() {
        server.createTopic(topic, 1);
        try (var producer = clients.broker(Map.of("metadata.max.age.ms", "200")).producer()) {
            assertThat(Clients.send(producer, Clients.texts(topic, "k", 1))).hasOnlyElementsOfType(Sent.class);
            server.addPartitions(topic, 8);

            Awaitility.await().atMost(Clients.PATIENCE).until(() -> {
                var keys = Arrays.asList("a", "b", "c", "d", "e", "f");
                var results = Clients.send(
                        producer,
                        keys.stream().map(key -> Clients.text(topic, key, key)).toList());
                return results.stream()
                                .map(Sent.class::cast)
                                .map(one -> one.partition().partition())
                                .distinct()
                                .count()
                        > 2;
            });
        }
    }

    @Test
    void missingTopicsAreMadeIfAsked() {
        var broker = clients.broker(Map.of("topics.create", "true", "topics.partitions", "3"));

        broker.check(Set.of(topic), Set.of(topic + ".read"), "g." + topic, Clients.PATIENCE);

        assertThat(server.endOffsets(topic)).hasSize(3);
        assertThat(server.endOffsets(topic + ".read")).hasSize(3);
        broker.check(Set.of(topic), Set.of(), "", Clients.PATIENCE);
    }

    @Test
    void topicsThatCannotBeMadeAreToldWithTheReason() {
        var broker = clients.broker(Map.of("topics.create", "true", "topics.replication", "3"));

        assertThatThrownBy(() -> broker.check(Set.of(topic), Set.of(), "", Clients.PATIENCE))
                .isInstanceOfSatisfying(
                        BrokerException.class,
                        refused -> assertThat(refused.isRetryable()).isFalse())
                .hasMessageContaining(topic)
                .hasMessageContaining("replication");
    }

    @Test
    void impossibleTopicNameIsRefused() {
        var results = clients.send(Map.of(), Clients.texts("no such/topic", "k", 1));

        assertThat(results.get(0))
                .isInstanceOfSatisfying(
                        Failed.class,
                        failed -> assertThat(failed.reason().isRetryable()).isFalse());
    }
}
