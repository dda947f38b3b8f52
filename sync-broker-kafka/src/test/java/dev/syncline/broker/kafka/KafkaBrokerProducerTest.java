package dev.syncline.broker.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.syncline.spi.BrokerAddress;
import dev.syncline.spi.BrokerContext;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import dev.syncline.spi.SendResult;
import dev.syncline.spi.SendResult.Failed;
import dev.syncline.spi.SendResult.NotAttempted;
import dev.syncline.spi.SendResult.Sent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.BufferExhaustedException;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the producer makes of what Kafka's client does, without a broker: the client is Kafka's own mock. */
@StartsThreads
class KafkaBrokerProducerTest {

    private static final KafkaFailures FAILURES = new KafkaFailures(KafkaOptions.read(new BrokerContext(
            "shop", "default", BrokerAddress.parse("kafka://host"), Map.of(), InstantSource.system())));

    private final Client client = new Client();
    private final KafkaBrokerProducer producer = producer(() -> client);

    private static KafkaBrokerProducer producer(Supplier<Producer<byte[], byte[]>> clients) {
        return new KafkaBrokerProducer(
                clients, KafkaBrokerProducerTest::noAdmin, FAILURES, false, 1024 * 1024, p -> {});
    }

    private static Admin noAdmin() {
        throw new KafkaException("no broker here");
    }

    @Test
    void firstMessageOfEachPartitionGoesAlone() {
        send("a", "a", "e", "e"); // a and e share no partition

        assertThat(client.keys()).containsExactly("a", "e");
        client.completeNext();
        assertThat(client.keys()).containsExactly("a", "e", "a");
    }

    @Test
    void s7_clientIsClosedBeforeItSendsWhatIsBehindARefusedMessage() {
        warmUp("a", "e");
        var results = send("a", "a", "a", "e", "e");

        client.errorNext(new RecordTooLargeException("too large"));

        assertThat(client.closed()).isTrue();
        assertThat(results).hasToString("[Refused, NotAttempted, NotAttempted, Retryable, Retryable]");
        assertThat(send("e")).hasToString("[NotAttempted]");
    }

    @Test
    void refusedMessageWithNothingBehindItLeavesTheOthersAlone() {
        warmUp("a", "e");
        var results = send("a", "e");

        client.errorNext(new RecordTooLargeException("too large"));
        var later = send("a", "e");
        client.completeAll();

        assertThat(client.closed()).isFalse();
        assertThat(results).hasToString("[Refused, Sent]");
        assertThat(later).hasToString("[NotAttempted, Sent]");
    }

    /** The client itself refuses it: what was handed over before still goes out. */
    @Test
    void messageThatTheClientRefusesWaitsForThoseBeforeIt() {
        warmUp("a");
        client.refuseSizeOf = 1_000;
        var results = new Results(4);
        producer.send(List.of(message("a"), message("a"), large("a"), message("a")), results);
        assertThat(results).hasToString("[null, null, null, null]");

        client.completeAll();

        assertThat(results).hasToString("[Sent, Sent, Refused, NotAttempted]");
        assertThat(client.closed()).isFalse();
    }

    /** Kafka says of the sound messages in a batch that it refuses only that they were in it. */
    @Test
    void soundMessageInARefusedBatchIsNotRefused() {
        warmUp("a");
        var results = send("a", "a");

        client.errorNext(new KafkaException("Failed to append record because it was part of a batch which had …"));
        client.errorNext(new InvalidTimestampException("bad"));

        assertThat(results).hasToString("[Retryable, Retryable]");
    }

    static List<RuntimeException> refusals() {
        return List.of(
                new RecordTooLargeException("x"),
                new InvalidTimestampException("x"),
                new TopicAuthorizationException(Set.of("t")));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void whatLiesInTheMessageOrTheTopicIsRefused(RuntimeException failure) {
        var results = send("a");

        client.errorNext(failure);

        assertThat(results).hasToString("[Refused]");
    }

    static List<RuntimeException> troubles() {
        return List.of(
                new SaslAuthenticationException("x"),
                new ClusterAuthorizationException("x"),
                new KafkaException("x"),
                new org.apache.kafka.common.errors.OutOfOrderSequenceException("x"));
    }

    /** Else a password would park every key there is. */
    @ParameterizedTest
    @MethodSource("troubles")
    void whatLiesInTheProducerAsAWholeIsNot(RuntimeException failure) {
        var results = send("a");

        client.errorNext(failure);

        assertThat(results).hasToString("[Retryable]");
    }

    /** No memory, or a topic that was not used for so long that the client forgot it. */
    static List<KafkaException> nothingTaken() {
        return List.of(
                new BufferExhaustedException("no memory"),
                new org.apache.kafka.common.errors.TimeoutException("Topic t not present in metadata after 0 ms."));
    }

    @ParameterizedTest
    @MethodSource("nothingTaken")
    void s7_clientThatDoesNotTakeTheMessageGetsItLaterInOrder(KafkaException refusal) {
        warmUp("a", "e");
        client.refusal = refusal;
        client.room = 3;
        var results = send("a", "a", "e", "a", "e");
        assertThat(client.keys()).hasSize(3);

        client.room = 100;
        Awaitility.await().until(() -> client.keys().size() == 5);
        client.completeAll();

        assertThat(results).hasToString("[Sent, Sent, Sent, Sent, Sent]");
        assertThat(client.keys()).filteredOn("a"::equals).hasSize(3);
        assertThat(client.offsetsOf("a")).isSorted();
    }

    @Test
    void bytesWithTheClientAreBounded() {
        warmUp("a");
        for (int i = 0; i < 40; i++) {
            client.completeAll(); // opens the window wide
            send("a", "a", "a", "a", "a", "a", "a", "a");
        }
        client.completeAll();
        client.clear();
        var batch = new ArrayList<Message>();
        for (int i = 0; i < 30; i++) {
            batch.add(new Message("t", "a", Map.of(), Map.of(), Bytes.wrap(new byte[64 * 1024])));
        }
        var results = new Results(30);

        producer.send(batch, results);

        assertThat(client.keys()).as("64 KiB each, half of 1 MiB in all").hasSize(8);
        while (client.completeNext()) {
            // answers make room
        }
        assertThat(results.told).doesNotContainNull();
    }

    @Test
    void messagesWaitUntilTheClientKnowsTheirTopic() {
        client.knows = false;
        var results = send("a", "e");
        assertThat(client.keys()).isEmpty();

        producer.close();

        assertThat(results).hasToString("[NotAttempted, NotAttempted]");
    }

    @Test
    void clientThatCannotBeMadeIsRetryable() {
        var unmade = producer(() -> {
            throw new KafkaException(
                    "Failed to construct kafka producer",
                    new ConfigException("No resolvable bootstrap urls given in bootstrap.servers"));
        });
        var results = new Results(2);

        unmade.send(List.of(message("a"), message("e")), results);

        assertThat(results).hasToString("[Retryable, NotAttempted]");
        unmade.close();
    }

    @Test
    void closeSaysWhatMayHaveArrivedAndWhatHasNot() {
        var results = send("a", "a", "e");

        producer.close();

        assertThat(results).hasToString("[Retryable, NotAttempted, Retryable]");
        assertThat(send("a")).hasToString("[NotAttempted]");
        assertThatCode(producer::close).doesNotThrowAnyException();
    }

    @Test
    void closeKeepsTheInterruptFlag() {
        send("a");
        Thread.currentThread().interrupt();

        producer.close();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(client.closed()).isTrue();
    }

    @Test
    void listenerMayCloseTheProducer() {
        warmUp("a");
        var results = new Results(3) {
            @Override
            public void onResult(int index, SendResult result) {
                super.onResult(index, result);
                producer.close();
            }
        };
        producer.send(List.of(message("a"), message("a"), message("a")), results);

        client.completeNext();

        assertThat(results).hasToString("[Sent, Retryable, Retryable]");
    }

    @Test
    void messagesWithoutKeyTakeTurnsByBatch() {
        var partitions = new HashSet<Integer>();
        for (int i = 0; i < 8; i++) {
            send("", "", "");
            client.completeAll();
        }

        client.history().forEach(record -> partitions.add(record.partition()));
        assertThat(partitions).containsExactlyInAnyOrder(0, 1, 2, 3);
        assertThat(client.history()).allMatch(record -> record.key() == null);
    }

    /** Confirms one message of each key and forgets it, so that the lanes are open. */
    private void warmUp(String... keys) {
        for (int i = 0; i < 4; i++) {
            send(keys);
            client.completeAll();
        }
        client.clear();
    }

    private Results send(String... keys) {
        var results = new Results(keys.length);
        producer.send(Arrays.stream(keys).map(KafkaBrokerProducerTest::message).toList(), results);
        return results;
    }

    private static Message message(String key) {
        return new Message("t", key, Map.of("id", "1"), Map.of(), Bytes.utf8("x"));
    }

    private static Message large(String key) {
        return new Message("t", key, Map.of("id", "1"), Map.of(), Bytes.wrap(new byte[2_000]));
    }

    /** What was told, in words. */
    private static class Results implements dev.syncline.spi.BrokerProducer.SendListener {

        private final List<String> told = new ArrayList<>();

        Results(int size) {
            for (int i = 0; i < size; i++) {
                told.add(null);
            }
        }

        @Override
        public void onResult(int index, SendResult result) {
            assertThat(told.get(index)).as("told before of %s", index).isNull();
            told.set(index, name(result));
        }

        private static String name(SendResult result) {
            if (result instanceof Sent) {
                return "Sent";
            } else if (result instanceof Failed failed) {
                return failed.reason().isRetryable() ? "Retryable" : "Refused";
            } else if (result instanceof NotAttempted) {
                return "NotAttempted";
            }
            throw new AssertionError(result);
        }

        @Override
        public String toString() {
            return told.toString();
        }
    }

    /** Kafka's mock, which can also be full, refuse, or not know the topic; one topic, four partitions. */
    private static final class Client extends MockProducer<byte[], byte[]> {

        boolean knows = true;
        int room = Integer.MAX_VALUE;
        KafkaException refusal = new BufferExhaustedException("no memory");
        int refuseSizeOf = Integer.MAX_VALUE;

        Client() {
            super(cluster(), false, null, new ByteArraySerializer(), new ByteArraySerializer());
        }

        private static Cluster cluster() {
            var node = new Node(0, "host", 9092);
            var partitions = new ArrayList<PartitionInfo>();
            for (int i = 0; i < 4; i++) {
                partitions.add(new PartitionInfo("t", i, node, new Node[] {node}, new Node[] {node}));
            }
            return new Cluster("c", List.of(node), partitions, Set.of(), Set.of());
        }

        @Override
        public List<PartitionInfo> partitionsFor(String topic) {
            if (!knows) {
                throw new org.apache.kafka.common.errors.TimeoutException("not present in metadata after 0 ms");
            }
            return super.partitionsFor(topic);
        }

        @Override
        public synchronized Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, Callback callback) {
            KafkaException refusal = null;
            if (history().size() >= room) {
                refusal = this.refusal;
            } else if (record.value() != null && record.value().length >= refuseSizeOf) {
                refusal = new RecordTooLargeException("too large for the client");
            }
            if (refusal != null) {
                callback.onCompletion(null, refusal); // as Kafka's does, inside of send
                return java.util.concurrent.CompletableFuture.failedFuture(refusal);
            }
            return super.send(record, callback);
        }

        /** A closed client fails what it has, on its thread. */
        @Override
        public void close(Duration timeout) {
            if (!closed()) {
                super.close(timeout);
                while (errorNext(new KafkaException("Producer is closed forcefully."))) {
                    // the next
                }
            }
        }

        void completeAll() {
            while (completeNext()) {
                // the next
            }
        }

        List<String> keys() {
            return history().stream()
                    .map(record -> new String(record.key(), StandardCharsets.UTF_8))
                    .toList();
        }

        List<Long> offsetsOf(String key) {
            var offsets = new ArrayList<Long>();
            for (int i = 0; i < history().size(); i++) {
                if (new String(history().get(i).key(), StandardCharsets.UTF_8).equals(key)) {
                    offsets.add((long) i);
                }
            }
            return offsets;
        }
    }
}
