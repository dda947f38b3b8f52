package dev.syncline.broker.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.Subscription.Start;
import dev.syncline.spi.TopicPartition;
import dev.syncline.testkit.server.KafkaServer;
import dev.syncline.testkit.server.RealKafka;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Kafka's groups do beyond the rules that all brokers share. */
@StartsThreads
class KafkaReadingTest {

    private static final String HEARTBEAT = "group.consumer.heartbeat.interval.ms=200";
    private static final String LEAST_HEARTBEAT = "group.consumer.min.heartbeat.interval.ms=200";

    @RealKafka(config = {HEARTBEAT, LEAST_HEARTBEAT})
    static KafkaServer server;

    private Clients clients;
    private String topic;
    private String group;

    @BeforeEach
    void open(TestInfo test) {
        clients = new Clients(server);
        topic = test.getTestMethod().orElseThrow().getName() + "." + System.nanoTime();
        group = "g." + topic;
    }

    @AfterEach
    void close() {
        clients.close();
    }

    private static Map<String, String> classic() {
        return Map.of("group.protocol", "classic", "heartbeat.interval.ms", "200", "session.timeout.ms", "6000");
    }

    private static Map<String, String> options(String protocol) {
        return protocol.equals("classic") ? classic() : Map.of("group.protocol", protocol);
    }

    /** The commit leaves while the same thread waits in its next poll, for how long ever. */
    @ParameterizedTest
    @ValueSource(strings = {"consumer", "classic"})
    void acknowledgementDoesNotWaitForTheNextPollToEnd(String protocol) {
        server.createTopic(topic, 1);
        clients.sendAll(Clients.texts(topic, "k", 3));
        var reader = clients.consumer(options(protocol), group, topic);
        reader.take(3);
        reader.received.forEach(one -> reader.consumer.acknowledge(TestConsumer.upTo(one, "")));

        var polling = CompletableFuture.runAsync(() -> reader.consumer.poll(Duration.ofMinutes(2), reader.sink));

        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> server.commits(group, topic).get(0).offset() == 3);
        assertThat(polling).isNotDone();
        reader.consumer.wakeup();
        polling.orTimeout(20, TimeUnit.SECONDS).join();
    }

    @ParameterizedTest
    @ValueSource(strings = {"consumer", "classic"})
    void s9_whatIsAcknowledgedWhilePartitionsMoveIsNotReadAgain(String protocol) {
        server.createTopic(topic, 4);
        clients.sendAll(overKeys(40));
        var first = clients.consumer(options(protocol), group, topic);
        first.take(40);
        first.beforeRevoked = partitions -> first.received.stream()
                .filter(one -> partitions.contains(one.partition()))
                .forEach(one -> first.consumer.acknowledge(TestConsumer.upTo(one, "moved")));
        var second = clients.consumer(options(protocol), group, topic);

        first.until(() -> first.owned.size() == 2 && second.owned.size() == 2, first, second);
        second.pollOn();

        assertThat(second.received).isEmpty();
        assertThat(first.told).as("only the share that moves is given up").containsExactly("assigned 4", "revoked 2");
        assertThat(second.assigned.values())
                .allSatisfy(one -> assertThat(one.metadata()).isEqualTo("moved"));
    }

    /** S13: Kafka takes partitions from a member that does not poll, and gives them away; that is lost, not revoked. */
    @ParameterizedTest
    @ValueSource(strings = {"consumer", "classic"})
    void s13_memberThatDidNotPollHasLostItsPartitions(String protocol) {
        server.createTopic(topic, 1);
        clients.sendAll(Clients.texts(topic, "k", 5));
        var options = new java.util.HashMap<>(options(protocol));
        options.put("max.poll.interval.ms", "3000");
        var zombie = clients.consumer(options, group, topic);
        zombie.take(5);
        var owner = clients.consumer(options, group, topic);
        owner.take(5);

        assertThat(zombie.consumer.acknowledgeNow(TestConsumer.upTo(zombie.received.get(4), ""), Duration.ofSeconds(2)))
                .isFalse();
        owner.close(); // now nobody is left who could be protected by membership
        assertThat(zombie.consumer.acknowledgeNow(TestConsumer.upTo(zombie.received.get(4), ""), Duration.ofSeconds(2)))
                .isFalse();
        assertThat(server.commits(group, topic).get(0).offset()).isZero();
        zombie.until(() -> zombie.told.contains("lost 1"));

        assertThat(zombie.told).startsWith("assigned 1", "lost 1").doesNotContain("revoked 1");
    }

    /** S13: who closes after others may have taken over must not be told that the partitions are still his. */
    @ParameterizedTest
    @ValueSource(strings = {"consumer", "classic"})
    void s13_memberThatDidNotPollLosesItsPartitionsWhenItCloses(String protocol) {
        server.createTopic(topic, 1);
        clients.sendAll(Clients.texts(topic, "k", 5));
        var options = new java.util.HashMap<>(options(protocol));
        options.put("max.poll.interval.ms", "3000");
        var zombie = clients.consumer(options, group, topic);
        zombie.take(5);
        clients.consumer(options, group, topic).take(5);

        zombie.close();

        assertThat(zombie.told).containsExactly("assigned 1", "lost 1");
    }

    /**
     * A classic group takes no commits while its members agree; each of them polls on a thread of its own. One that has to
     * agree once more, as a member left meanwhile, cannot before it polls: then the next acknowledgement counts.
     */
    @ParameterizedTest
    @ValueSource(strings = {"consumer", "classic"})
    void acknowledgementThatWaitsOutlastsARebalance(String protocol) {
        server.createTopic(topic, 4);
        clients.sendAll(overKeys(400));
        var first = clients.consumer(options(protocol), group, topic);
        first.take(400);
        var comingAndGoing = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < 12; i++) {
                try (var guest = clients.consumer(options(protocol), group, topic)) {
                    guest.until(() -> !guest.owned.isEmpty());
                }
            }
        });

        int acknowledged = 0;
        int toBeAskedAgain = 0;
        for (int i = 0; !comingAndGoing.isDone(); i = (i + 1) % 400) {
            first.poll();
            var message = first.received.get(i);
            if (first.owned.contains(message.partition())) {
                if (first.consumer.acknowledgeNow(TestConsumer.upTo(message, ""), Duration.ofSeconds(10))) {
                    acknowledged++;
                } else {
                    toBeAskedAgain++;
                }
            }
        }
        comingAndGoing.join();

        assertThat(toBeAskedAgain)
                .as("beside %s that counted, after %s", acknowledged, first.told)
                .isLessThanOrEqualTo(protocol.equals("classic") ? 2 : 0);
        assertThat(acknowledged).isPositive();
        assertThat(first.told).as("what the guests took").contains("revoked 2");
        first.until(() -> first.owned.size() == 4);
        var last = first.received.get(399);
        assertThat(first.consumer.acknowledgeNow(TestConsumer.upTo(last, ""), Clients.PATIENCE))
                .isTrue();
    }

    private List<dev.syncline.spi.Message> overKeys(int count) {
        var messages = new ArrayList<dev.syncline.spi.Message>();
        for (int i = 0; i < count; i++) {
            messages.add(Clients.text(topic, "k" + i % 32, "m" + i));
        }
        return messages;
    }

    /** Members of both kinds while a group changes over, as in a rolling restart. */
    @Test
    void groupChangesFromClassicToConsumerWithoutStopping() {
        server.createTopic(topic, 4);
        var old = clients.consumer(classic(), group, topic);
        old.until(() -> old.owned.size() == 4);
        var fresh = clients.consumer(options("consumer"), group, topic);

        old.until(() -> old.owned.size() == 2 && fresh.owned.size() == 2, old, fresh);
        clients.sendAll(Clients.texts(topic, "k", 10));
        old.until(() -> old.received.size() + fresh.received.size() >= 10, old, fresh);
        old.close();
        fresh.until(() -> fresh.owned.size() == 4);
    }

    @Test
    void eagerMembersAreNotJoined() {
        server.createTopic(topic, 1);
        var config = new java.util.HashMap<String, Object>(server.clientConfig());
        config.put(ConsumerConfig.GROUP_ID_CONFIG, group);
        config.put(ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, RangeAssignor.class.getName());
        try (var eager = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            eager.subscribe(List.of(topic));
            Awaitility.await().atMost(Clients.PATIENCE).until(() -> {
                eager.poll(Duration.ofMillis(50));
                return !eager.assignment().isEmpty();
            });

            assertThat(clients.consumer(classic(), group, topic).refusal())
                    .hasMessageContaining(group)
                    .hasMessageContaining("group.protocol");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"foreign tool", "AAAA=", ""})
    void metadataOfOtherToolsIsHandedOnAsItIs(String metadata) throws Exception {
        server.createTopic(topic, 1);
        clients.sendAll(Clients.texts(topic, "k", 5));
        commitByAnotherTool(3, metadata);

        var reader = clients.consumer(group, topic);

        assertThat(reader.take(2)).extracting(Received::position).containsExactly(Position.of(3), Position.of(4));
        var assigned = reader.assigned.get(new TopicPartition(topic, 0));
        assertThat(assigned.acknowledged()).isEqualTo(Position.of(2));
        assertThat(assigned.metadata()).isEqualTo(metadata);
    }

    @Test
    void positionAtTheVeryBeginningMeansNothingIsAcknowledged() throws Exception {
        server.createTopic(topic, 1);
        clients.sendAll(Clients.texts(topic, "k", 2));
        commitByAnotherTool(0, "kept");

        var reader = clients.consumer(group, topic);

        reader.take(2);
        var assigned = reader.assigned.get(new TopicPartition(topic, 0));
        assertThat(assigned.acknowledged()).isNull();
        assertThat(assigned.metadata()).isEqualTo("kept");
    }

    private void commitByAnotherTool(long offset, String metadata) throws Exception {
        try (var admin = Admin.create(new java.util.HashMap<String, Object>(server.clientConfig()))) {
            admin.alterConsumerGroupOffsets(
                            group,
                            Map.of(
                                    new org.apache.kafka.common.TopicPartition(topic, 0),
                                    new OffsetAndMetadata(offset, metadata)))
                    .all()
                    .get();
        }
    }

    /** A listener that cannot take a partition yet gets it again, and nothing of it before. */
    @Test
    void listenerThatThrowsOnAssignmentIsAskedAgain() {
        server.createTopic(topic, 2);
        clients.sendAll(Clients.texts(topic, "k", 3));
        var reader = clients.consumer(group, topic);
        reader.whenAssigned = partitions -> {
            throw new IllegalStateException("not ready");
        };
        assertThatThrownBy(() -> reader.until(() -> false))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("not ready");
        assertThatThrownBy(reader::poll).hasMessage("not ready");
        assertThat(reader.received).isEmpty();

        reader.whenAssigned = partitions -> {};
        reader.take(3);

        assertThat(reader.ids()).containsExactly("k#0", "k#1", "k#2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"consumer", "classic"})
    void listenerThatThrowsOnRevocationLeavesTheGroupInOrder(String protocol) {
        server.createTopic(topic, 4);
        var first = clients.consumer(options(protocol), group, topic);
        first.until(() -> first.owned.size() == 4);
        first.whenRevoked = partitions -> {
            throw new IllegalStateException("broken on purpose");
        };
        var second = clients.consumer(options(protocol), group, topic);

        assertThatThrownBy(() -> first.until(() -> false, first, second)).hasMessage("broken on purpose");
        first.whenRevoked = partitions -> {};
        first.until(() -> first.owned.size() == 2 && second.owned.size() == 2, first, second);
    }

    /** The message that the sink did not take comes first in the next poll. */
    @Test
    void messagesBehindOneThatTheSinkDidNotTakeAreKept() {
        server.createTopic(topic, 1);
        clients.sendAll(Clients.texts(topic, "k", 10));
        var reader = clients.consumer(group, topic);
        var failed = new ArrayList<String>();
        reader.sink = message -> {
            if (message.position().major() % 3 == 1 && failed.size() < 3 && !failed.contains(message.toString())) {
                failed.add(message.toString());
                throw new IllegalStateException("full");
            }
            reader.received.add(message);
        };

        while (reader.received.size() < 10) {
            try {
                reader.poll();
            } catch (IllegalStateException full) {
                assertThat(full).hasMessage("full");
            }
        }

        assertThat(failed).hasSize(3);
        assertThat(reader.ids())
                .containsExactlyElementsOf(Clients.texts(topic, "k", 10).stream()
                        .map(one -> one.attribute("id"))
                        .toList());
    }

    /** What was fetched with the last poll stays until the partition is resumed. */
    @Test
    void pauseInTheMiddleOfAPollHoldsAtOnce() {
        server.createTopic(topic, 1);
        clients.sendAll(Clients.texts(topic, "k", 10));
        var reader = clients.consumer(group, topic);
        reader.sink = message -> {
            reader.received.add(message);
            if (message.position().major() == 3) {
                reader.consumer.pause(Set.of(message.partition()));
            }
        };
        reader.take(4);
        reader.pollOn();
        assertThat(reader.ids()).hasSize(4);

        reader.consumer.resume(Set.of(reader.partition()));

        assertThat(reader.take(10)).extracting(Received::position).isSorted();
        reader.pollOn();
        assertThat(reader.ids()).hasSize(10).doesNotHaveDuplicates();
    }

    /** Positions have gaps where transactions end, and what was aborted never comes. */
    @Test
    void s3_onlyCommittedTransactionsAreRead() {
        server.createTopic(topic, 1);
        var config = new java.util.HashMap<String, Object>(server.clientConfig());
        config.put("transactional.id", "tx." + topic);
        try (var producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            for (var id : List.of("one", "aborted", "two")) {
                producer.beginTransaction();
                var record = new ProducerRecord<byte[], byte[]>(topic, new byte[] {'k'}, new byte[] {'x'});
                record.headers().add("ce_id", id.getBytes(java.nio.charset.StandardCharsets.UTF_8));
                var unused = producer.send(record);
                producer.flush();
                if (id.equals("aborted")) {
                    producer.abortTransaction();
                } else {
                    producer.commitTransaction();
                }
            }
        }
        var reader = clients.consumer(group, topic);
        reader.take(2);
        reader.pollOn();

        assertThat(reader.ids()).containsExactly("one", "two");
        assertThat(reader.consumer.acknowledgeNow(TestConsumer.upTo(reader.received.get(1), ""), Clients.PATIENCE))
                .isTrue();
        reader.until(() -> reader.consumer.lag(reader.partition()).orElse(99) <= 1);
    }

    /** A restart within the session gives the partitions back to the same member, and to nobody else meanwhile. */
    @Test
    void staticMemberComesBackToItsPartitions() {
        server.createTopic(topic, 4);
        var first = clients.consumer(staticMember("a"), group, topic);
        var second = clients.consumer(staticMember("b"), group, topic);
        first.until(() -> first.owned.size() == 2 && second.owned.size() == 2, first, second);
        var before = Set.copyOf(first.owned);
        int told = second.told.size();

        first.close();
        var restarted = clients.consumer(staticMember("a"), group, topic);
        restarted.until(() -> restarted.owned.size() == 2, restarted, second);

        assertThat(restarted.owned).isEqualTo(before);
        assertThat(second.told).as("what the other member was told meanwhile").hasSize(told);
    }

    @Test
    void twoStaticMembersOfOneNameAreTold() {
        server.createTopic(topic, 1);
        var first = clients.consumer(staticMember("a"), group, topic);
        first.until(() -> first.owned.size() == 1);
        var second = clients.consumer(staticMember("a"), group, topic);
        second.until(() -> second.owned.size() == 1);

        assertThat(first.refusal()).hasMessageContaining("group.instance.id");
        assertThat(first.told).endsWith("lost 1");
    }

    /** What a process that was killed and started again needs: under KIP-848 it would be refused for 45 s. */
    @Test
    void staticMemberIsSucceededAtOnceThoughItSaidNoGoodbye() {
        server.createTopic(topic, 1);
        var options = Map.of("group.instance.id", "a");
        var killed = clients.consumer(options, group, topic);
        killed.until(() -> killed.owned.size() == 1);

        var restarted = clients.consumer(options, group, topic);

        restarted.until(() -> restarted.owned.size() == 1);
    }

    private static Map<String, String> staticMember(String name) {
        var options = new java.util.HashMap<>(classic());
        options.put("group.instance.id", name);
        return options;
    }

    /** S18: it stops with a name, and begins anew only in the topic that is made anew. */
    @Test
    void s18_topicThatIsDeletedIsTold() {
        server.createTopic(topic, 1);
        clients.sendAll(Clients.texts(topic, "old", 3));
        var reader = clients.consumer(Map.of("metadata.max.age.ms", "300"), group, topic);
        reader.take(3);

        server.deleteTopic(topic);

        assertThat(reader.refusal()).hasMessageContaining(topic);
        assertThat(reader.owned).isEmpty();
    }

    @Test
    void brokerClosesAllConsumersThoughAListenerBreaks() {
        server.createTopic(topic, 1);
        var broker = clients.broker(Map.of());
        var consumers = new ArrayList<TestConsumer>();
        for (int i = 0; i < 3; i++) {
            var one = clients.consumer(broker, group + i, topic);
            one.until(() -> one.owned.size() == 1);
            one.whenRevoked = partitions -> {
                throw new AssertionError("broken on purpose");
            };
            consumers.add(one);
        }

        assertThatThrownBy(broker::close).hasMessage("broken on purpose");

        assertThat(consumers).allSatisfy(one -> assertThat(one.told).containsExactly("assigned 1", "revoked 1"));
        assertThat(server.members(group + 0)).isZero();
        assertThat(server.members(group + 1)).isZero();
        assertThat(server.members(group + 2)).isZero();
    }

    @Test
    void closeFromAnotherThreadEndsAPollThatWaits() {
        server.createTopic(topic, 1);
        var reader = clients.consumer(group, topic);
        reader.until(() -> reader.owned.size() == 1);
        var polling = CompletableFuture.runAsync(() -> reader.consumer.poll(Duration.ofMinutes(2), reader.sink));

        CompletableFuture.runAsync(reader::close)
                .orTimeout(20, TimeUnit.SECONDS)
                .join();

        assertThatThrownBy(() -> reader.consumer.poll(Duration.ZERO, reader.sink))
                .isInstanceOf(IllegalStateException.class);
        assertThat(polling.handle((done, failure) -> true)
                        .orTimeout(20, TimeUnit.SECONDS)
                        .join())
                .isTrue();
        assertThat(reader.told).endsWith("revoked 1");
    }

    /** A wakeup that is asked for while nobody waits must not make a commit fail. */
    @ParameterizedTest
    @ValueSource(strings = {"consumer", "classic"})
    void wakeupEndsAPollAndNothingElse(String protocol) {
        server.createTopic(topic, 1);
        clients.sendAll(Clients.texts(topic, "k", 200));
        var reader = new TestConsumer(listener -> clients.broker(options(protocol))
                .consumer(Clients.subscription(group, topic, Start.EARLIEST, 5), listener));
        var waking = CompletableFuture.runAsync(() -> {
            while (!Thread.currentThread().isInterrupted() && reader.received.size() < 200) {
                reader.consumer.wakeup();
                Thread.onSpinWait();
            }
        });

        while (reader.received.size() < 200) {
            int before = reader.received.size();
            reader.poll();
            if (reader.received.size() > before) {
                assertThat(reader.consumer.acknowledgeNow(
                                TestConsumer.upTo(reader.received.get(reader.received.size() - 1), ""),
                                Clients.PATIENCE))
                        .isTrue();
            }
        }
        waking.join();

        assertThat(reader.ids()).hasSize(200).doesNotHaveDuplicates();
        assertThat(server.commits(group, topic).get(0).offset()).isEqualTo(200);
    }
}
