package dev.syncline.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.ConfigurationException;
import dev.syncline.spi.AssignmentListener;
import dev.syncline.spi.Broker;
import dev.syncline.spi.BrokerAddress;
import dev.syncline.spi.BrokerConsumer;
import dev.syncline.spi.BrokerConsumer.Acknowledgement;
import dev.syncline.spi.BrokerContext;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import dev.syncline.spi.Received;
import dev.syncline.spi.SendResult;
import dev.syncline.spi.SendResult.Failed;
import dev.syncline.spi.SendResult.NotAttempted;
import dev.syncline.spi.SendResult.Sent;
import dev.syncline.spi.Subscription;
import dev.syncline.spi.Subscription.Start;
import dev.syncline.spi.TopicPartition;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What the in-memory broker does when a test tells it to; what it does as every broker is in the conformance suite. */
class InMemoryBrokerTest {

    private static final TopicPartition PARTITION = new TopicPartition("things", 0);
    private static final Instant NOW = Instant.parse("2026-02-03T04:05:06Z");

    private final InMemoryBroker broker =
            InMemoryBroker.builder().clock(InstantSource.fixed(NOW)).build();
    private final Broker client = open(Map.of());
    private final List<SendResult> results = new ArrayList<>();

    @BeforeEach
    void createTopic() {
        broker.createTopic("things", 1);
    }

    @AfterEach
    void close() {
        client.close();
    }

    @Nested
    class Faults {

        @Test
        void lostConfirmationLeavesTheMessageStored() {
            broker.loseConfirmations(1);

            send("1", "2");

            assertThat(results).hasSize(2);
            assertThat(results.get(0))
                    .isInstanceOfSatisfying(
                            Failed.class,
                            failed -> assertThat(failed.reason().isRetryable()).isTrue());
            assertThat(results.get(1)).isInstanceOf(NotAttempted.class);
            assertThat(stored()).containsExactly("1");
        }

        @Test
        void onlyTheToldNumberOfConfirmationsIsLost() {
            broker.loseConfirmations(1);
            send("1");
            results.clear();

            send("2");

            assertThat(results).singleElement().isInstanceOf(Sent.class);
        }

        @Test
        void messageStoredTwiceIsDeliveredTwice() {
            broker.storeTwice(1);

            send("1", "2");

            assertThat(results).allMatch(result -> result instanceof Sent);
            assertThat(pollAll()).containsExactly("1", "1", "2");
        }

        @Test
        void heldConfirmationsComeWhenReleased() {
            broker.holdConfirmations();
            var producer = client.producer();
            producer.send(messages("1", "2"), (index, result) -> results.add(result));
            assertThat(results).isEmpty();
            assertThat(stored()).containsExactly("1", "2");

            broker.releaseConfirmations();

            assertThat(results).hasSize(2).allMatch(result -> result instanceof Sent);
        }

        @Test
        void heldConfirmationsFailAtClose() {
            broker.holdConfirmations();
            var producer = client.producer();
            producer.send(messages("1", "2"), (index, result) -> results.add(result));

            producer.close();

            assertThat(results)
                    .hasSize(2)
                    .allMatch(result ->
                            result instanceof Failed failed && failed.reason().isRetryable());
        }

        @Test
        void heldConfirmationsFailWhenTheServerGoesAway() {
            broker.holdConfirmations();
            client.producer().send(messages("1"), (index, result) -> results.add(result));

            broker.stop();

            assertThat(results).singleElement().isInstanceOf(Failed.class);
        }

        @Test
        void heldDeliveriesComeWhenReleased() {
            send("1");
            broker.holdDeliveries();
            var consumer = consumer();
            assertThat(poll(consumer)).isEmpty();

            broker.releaseDeliveries();

            assertThat(poll(consumer)).containsExactly("1");
        }

        @Test
        void allowedTopicWorksAgain() {
            broker.denyTopic("things");
            send("1");
            broker.allowTopic("things");

            send("2");

            assertThat(results.get(0)).isInstanceOf(Failed.class);
            assertThat(results.get(1)).isInstanceOf(Sent.class);
            assertThat(stored()).containsExactly("2");
        }
    }

    @Nested
    class Looking {

        @Test
        void messagesAreSeenWithoutAConsumer() {
            send("1", "2");

            assertThat(broker.messages("things"))
                    .extracting(Received::partition, Received::timestamp)
                    .containsOnly(org.assertj.core.groups.Tuple.tuple(PARTITION, NOW));
            assertThat(stored()).containsExactly("1", "2");
        }

        @Test
        void acknowledgedPositionIsSeen() {
            send("1", "2");
            var consumer = consumer();
            assertThat(poll(consumer)).hasSize(2);
            assertThat(broker.acknowledged("group", PARTITION)).isEmpty();
            var position = broker.messages("things").get(0).position();

            consumer.acknowledge(Map.of(PARTITION, new Acknowledgement(position, "mark")));

            assertThat(broker.acknowledged("group", PARTITION)).contains(new Acknowledgement(position, "mark"));
        }
    }

    @Nested
    class Listeners {

        /** Results of a batch come in order also when a listener closes the producer in the middle. */
        @Test
        void listenerMayCloseTheProducer() {
            var producer = client.producer();
            var order = new ArrayList<Integer>();

            producer.send(messages("1", "2", "3"), (index, result) -> {
                order.add(index);
                producer.close();
            });

            assertThat(order).containsExactly(0, 1, 2);
        }

        @Test
        void listenerThatThrowsKeepsNoOtherFromItsResult() {
            assertThatThrownBy(() -> client.producer().send(messages("1", "2"), (index, result) -> {
                        results.add(result);
                        throw new IllegalStateException("listener " + index);
                    }))
                    .isInstanceOf(IllegalStateException.class);

            assertThat(results).hasSize(2);
        }

        /** Two threads in one consumer are a mistake that must not pass unnoticed. */
        @Test
        void secondThreadIsRefused() throws InterruptedException {
            send("1");
            var consumer = consumer();
            var refusals = new ArrayList<Throwable>();

            consumer.poll(Duration.ofSeconds(5), received -> {
                var other = new Thread(() -> consumer.pause(Set.of()));
                other.setUncaughtExceptionHandler((thread, thrown) -> refusals.add(thrown));
                other.start();
                try {
                    other.join();
                } catch (InterruptedException interrupted) {
                    throw new AssertionError(interrupted);
                }
            });

            assertThat(refusals).singleElement().isInstanceOf(IllegalStateException.class);
        }

        @Test
        void interruptedPollReturnsAndKeepsTheFlag() {
            var consumer = consumer();
            assertThat(poll(consumer)).isEmpty();
            Thread.currentThread().interrupt();

            consumer.poll(Duration.ofMinutes(1), received -> {});

            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Nested
    class Options {

        @Test
        void missingTopicIsMadeIfAsked() {
            var creating = open(Map.of("topics.create", "true", "topics.partitions", "3"));

            creating.check(Set.of("made"), Set.of(), "", Duration.ZERO);

            assertThatThrownBy(() -> broker.createTopic("made", 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("made");
            assertThat(broker.messages("made")).isEmpty();
        }

        @Test
        void unusableValuesAreAllNamed() {
            assertThatThrownBy(() -> open(Map.of("topics.create", "yes", "topics.partitions", "0")))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("topics.create")
                    .hasMessageContaining("topics.partitions");
        }

        @Test
        void builderRefusesWhatMakesNoSense() {
            var builder = InMemoryBroker.builder();

            assertThatThrownBy(() -> builder.maxMessageBytes(0)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> builder.sessionTimeout(Duration.ZERO))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> broker.createTopic("none", 0)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    private Broker open(Map<String, Object> options) {
        return broker.open(new BrokerContext(
                "test", "default", BrokerAddress.parse("memory:"), options, InstantSource.fixed(NOW)));
    }

    private void send(String... ids) {
        try (var producer = client.producer()) {
            producer.send(messages(ids), (index, result) -> results.add(result));
        }
    }

    private static List<Message> messages(String... ids) {
        return List.of(ids).stream()
                .map(id -> new Message("things", "k", Map.of("id", id, "partitionkey", "k"), Map.of(), Bytes.empty()))
                .toList();
    }

    private List<String> stored() {
        return broker.messages("things").stream()
                .map(one -> one.message().attribute("id"))
                .toList();
    }

    private List<String> pollAll() {
        return poll(consumer());
    }

    private BrokerConsumer consumer() {
        return client.consumer(
                new Subscription("group", Set.of("things"), Start.EARLIEST, "test", 100), new AssignmentListener() {
                    @Override
                    public void onAssigned(List<Assigned> partitions) {}

                    @Override
                    public void onRevoked(Set<TopicPartition> partitions) {}

                    @Override
                    public void onLost(Set<TopicPartition> partitions) {}
                });
    }

    private static List<String> poll(BrokerConsumer consumer) {
        var ids = new ArrayList<String>();
        consumer.poll(
                Duration.ofMillis(20), received -> ids.add(received.message().attribute("id")));
        return ids;
    }
}
