package dev.syncline.testkit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

class KafkaServerTest {

    private String topic;

    @BeforeEach
    void nameTopic(TestInfo test) {
        topic = "t-" + test.getTestMethod().orElseThrow().getName();
    }

    private static KafkaProducer<String, String> producer(Map<String, String> connection) {
        Map<String, Object> config = new HashMap<>(connection);
        config.put("acks", "all");
        config.put("metadata.recovery.strategy", "none");
        config.put("reconnect.backoff.max.ms", "200");
        return new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
    }

    private static KafkaConsumer<String, String> consumer(Map<String, String> connection, String group) {
        Map<String, Object> config = new HashMap<>(connection);
        config.put("group.id", group);
        config.put("auto.offset.reset", "earliest");
        config.put("enable.auto.commit", "false");
        return new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer());
    }

    private static RecordMetadata acknowledged(Future<RecordMetadata> sent) throws Exception {
        return sent.get(30, TimeUnit.SECONDS);
    }

    private static List<String> values(KafkaConsumer<String, String> consumer, int count) {
        List<String> values = new ArrayList<>();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (values.size() < count && System.nanoTime() - deadline < 0) {
            for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
                values.add(record.value());
            }
        }
        return values;
    }

    @Nested
    class LivesAndDies {

        @RealKafka(exclusive = true)
        KafkaServer kafka;

        @Test
        void acknowledgedRecordsAreThereAfterSigkillAndRestartAndClientsGoOn() throws Exception {
            kafka.createTopic(topic, 1);
            int port = kafka.port();
            try (var producer = producer(kafka.clientConfig())) {
                acknowledged(producer.send(new ProducerRecord<>(topic, "k", "before")));
                // when
                kafka.kill();
                assertThat(kafka.isRunning()).isFalse();
                Future<RecordMetadata> meanwhile = producer.send(new ProducerRecord<>(topic, "k", "meanwhile"));
                kafka.restart();
                // then
                assertThat(acknowledged(meanwhile).offset()).isEqualTo(1);
            }
            assertThat(kafka.port()).isEqualTo(port);
            assertThat(kafka.endOffsets(topic)).containsExactly(Map.entry(0, 2L));
            try (var consumer = consumer(kafka.clientConfig(), topic)) {
                consumer.subscribe(List.of(topic));
                assertThat(values(consumer, 2)).containsExactly("before", "meanwhile");
            }
        }

        @Test
        void anOrderlyStopKeepsTheDataToo() throws Exception {
            kafka.createTopic(topic, 1);
            try (var producer = producer(kafka.clientConfig())) {
                acknowledged(producer.send(new ProducerRecord<>(topic, "k", "v")));
            }
            kafka.stop();
            assertThat(kafka.isRunning()).isFalse();
            kafka.restart();
            assertThat(kafka.topics()).contains(topic);
            assertThat(kafka.endOffsets(topic)).containsExactly(Map.entry(0, 1L));
        }

        @Test
        void aPausedBrokerAcknowledgesNothingUntilItGoesOn() throws Exception {
            kafka.createTopic(topic, 1);
            try (var producer = producer(kafka.clientConfig())) {
                acknowledged(producer.send(new ProducerRecord<>(topic, "k", "before")));
                kafka.pause();
                Future<RecordMetadata> sent = producer.send(new ProducerRecord<>(topic, "k", "paused"));
                assertThatThrownBy(() -> sent.get(300, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
                kafka.resume();
                assertThat(acknowledged(sent).offset()).isEqualTo(1);
            }
        }
    }

    @Nested
    class Answers {

        @RealKafka
        KafkaServer kafka;

        @Test
        void topicsAreCreatedEnlargedAndDeleted() {
            kafka.createTopic(topic, 2, Map.of("max.message.bytes", "2000"));
            assertThat(kafka.endOffsets(topic)).containsExactly(Map.entry(0, 0L), Map.entry(1, 0L));
            kafka.addPartitions(topic, 3);
            assertThat(kafka.endOffsets(topic)).hasSize(3);
            assertThat(kafka.topics()).contains(topic);
            kafka.deleteTopic(topic);
            assertThat(kafka.topics()).doesNotContain(topic);
        }

        @Test
        void aRefusalIsNamed() {
            kafka.createTopic(topic, 1);
            assertThatThrownBy(() -> kafka.createTopic(topic, 1))
                    .isInstanceOf(ServerException.class)
                    .hasMessageContaining("already exists");
            assertThatThrownBy(() -> kafka.endOffsets("missing")).isInstanceOf(ServerException.class);
        }

        @Test
        void topicConfigurationIsInForce() {
            kafka.createTopic(topic, 1, Map.of("max.message.bytes", "2000"));
            try (var producer = producer(kafka.clientConfig())) {
                Future<RecordMetadata> sent = producer.send(new ProducerRecord<>(topic, "k", "v".repeat(3_000)));
                assertThatThrownBy(() -> acknowledged(sent))
                        .isInstanceOf(ExecutionException.class)
                        .hasMessageContaining("larger");
            }
        }

        @Test
        void offsetsFollowDeletion() throws Exception {
            kafka.createTopic(topic, 1);
            try (var producer = producer(kafka.clientConfig())) {
                for (int i = 0; i < 5; i++) {
                    acknowledged(producer.send(new ProducerRecord<>(topic, "k", "v" + i)));
                }
            }
            kafka.deleteRecords(topic, 0, 3);
            assertThat(kafka.startOffsets(topic)).containsExactly(Map.entry(0, 3L));
            assertThat(kafka.endOffsets(topic)).containsExactly(Map.entry(0, 5L));
        }

        @Test
        void aGroupShowsItsMembersAndWhatItCommitted() throws Exception {
            kafka.createTopic(topic, 2);
            assertThat(kafka.members(topic)).isZero();
            assertThat(kafka.commits(topic, topic)).isEmpty();
            try (var producer = producer(kafka.clientConfig());
                    var consumer = consumer(kafka.clientConfig(), topic)) {
                acknowledged(producer.send(new ProducerRecord<>(topic, 1, "k", "v")));
                consumer.subscribe(List.of(topic));
                assertThat(values(consumer, 1)).containsExactly("v");
                consumer.commitSync(Map.of(new TopicPartition(topic, 1), new OffsetAndMetadata(1, "store-7")));
                assertThat(kafka.members(topic)).isEqualTo(1);
            }
            assertThat(kafka.commits(topic, topic)).containsExactly(Map.entry(1, new KafkaServer.Commit(1, "store-7")));
            assertThat(kafka.members(topic)).isZero();
        }
    }

    @Nested
    class Secured {

        @Test
        void usersLogInOverTlsAndMayDoOnlyWhatIsAllowed() throws Exception {
            try (KafkaServer kafka = KafkaServer.builder()
                    .user("alice", "wonder-land")
                    .user("bob", "builder")
                    .authorizer()
                    .tls()
                    .start()) {
                kafka.createTopic(topic, 1);
                kafka.allow("alice", "WRITE", "TOPIC", topic);
                assertThatThrownBy(kafka::clientConfig)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("alice");
                try (var alice = producer(kafka.clientConfig("alice"));
                        var bob = producer(kafka.clientConfig("bob"))) {
                    acknowledged(alice.send(new ProducerRecord<>(topic, "k", "v")));
                    assertThatThrownBy(() -> acknowledged(bob.send(new ProducerRecord<>(topic, "k", "v"))))
                            .hasCauseInstanceOf(TopicAuthorizationException.class);
                }
                Map<String, String> wrong = new HashMap<>(kafka.clientConfig("alice"));
                wrong.computeIfPresent("sasl.jaas.config", (key, jaas) -> jaas.replace("wonder-land", "guess"));
                try (var mallory = producer(wrong)) {
                    assertThatThrownBy(() -> acknowledged(mallory.send(new ProducerRecord<>(topic, "k", "v"))))
                            .hasCauseInstanceOf(SaslAuthenticationException.class);
                }
                // The login survives a restart, and what was allowed can be taken back.
                kafka.kill();
                kafka.restart();
                kafka.disallow("alice");
                try (var alice = producer(kafka.clientConfig("alice"))) {
                    assertThatThrownBy(() -> acknowledged(alice.send(new ProducerRecord<>(topic, "k", "v"))))
                            .hasCauseInstanceOf(TopicAuthorizationException.class);
                }
            }
        }

        @Test
        void anAuthorizerWithoutUsersIsAMistake() {
            assertThatThrownBy(() -> KafkaServer.builder().authorizer().start())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("user(name, password)");
        }
    }

    @Nested
    class BehindAProxy {

        @Test
        void noClientGoesRoundIt(@RealKafka(proxied = true) KafkaServer kafka) throws Exception {
            kafka.createTopic(topic, 1);
            try (var producer = producer(kafka.clientConfig())) {
                acknowledged(producer.send(new ProducerRecord<>(topic, "k", "one")));
                kafka.proxy().refuse();
                kafka.proxy().cut();
                Future<RecordMetadata> sent = producer.send(new ProducerRecord<>(topic, "k", "two"));
                assertThatThrownBy(() -> sent.get(300, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
                assertThat(kafka.endOffsets(topic)).containsExactly(Map.entry(0, 1L));
                kafka.proxy().heal();
                assertThat(acknowledged(sent).offset()).isEqualTo(1);
            }
        }
    }

    @Test
    void aStartThatFailsQuotesTheBroker() {
        assertThatThrownBy(() ->
                        KafkaServer.builder().config("num.io.threads", "none").start())
                .isInstanceOf(ServerException.class)
                .hasMessageContaining("exit code 1")
                .hasMessageContaining("Invalid value none for configuration num.io.threads");
    }

    @Nested
    class OnItsClassPath {

        @Test
        void areLibrariesAndNoLoggingOfTheTest() {
            assertThat(BrokerClassPath.jars())
                    .allSatisfy(jar -> assertThat(jar).isRegularFile())
                    .anySatisfy(jar -> assertThat(jar.getFileName().toString()).startsWith("kafka_"))
                    .noneSatisfy(jar -> assertThat(jar.getFileName().toString()).startsWith("logback-classic"));
        }

        @Test
        @ResourceLock(Resources.SYSTEM_PROPERTIES)
        void aClassDataArchiveIsWrittenByTheFirstEndAndABrokenOneDoesNoHarm(@TempDir Path cache) throws Exception {
            String before = System.setProperty("syncline.test.cache", cache.toString());
            try {
                // given
                KafkaServer.start().close();
                assertThat(cache).isDirectoryContaining("glob:**.jsa").isDirectoryNotContaining("glob:**.draft");
                Path archive;
                try (Stream<Path> files = Files.list(cache)) {
                    archive = files.filter(file -> file.toString().endsWith(".jsa"))
                            .findFirst()
                            .orElseThrow();
                }
                assertThat(Files.size(archive)).isGreaterThan(10_000_000);
                // when
                assertThat(archive.toFile().setWritable(true)).isTrue();
                Files.write(archive, new byte[100_000]);
                // then
                try (KafkaServer kafka = KafkaServer.start()) {
                    assertThat(kafka.isRunning()).isTrue();
                    assertThat(kafka.log()).doesNotContain("SLF4J");
                }
            } finally {
                if (before == null) {
                    System.clearProperty("syncline.test.cache");
                } else {
                    System.setProperty("syncline.test.cache", before);
                }
            }
        }
    }
}
