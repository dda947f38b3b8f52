package dev.syncline.broker.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.syncline.api.ConfigurationException;
import dev.syncline.api.Secret;
import dev.syncline.broker.kafka.KafkaSettings.Protocol;
import dev.syncline.spi.BrokerAddress;
import dev.syncline.spi.BrokerContext;
import dev.syncline.spi.BrokerProvider;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.ServiceLoader;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class KafkaOptionsTest {

    private static KafkaSettings read(String uri, Map<String, ?> options) {
        var address = BrokerAddress.parse(uri);
        var all = new HashMap<String, Object>(address.parameters());
        all.putAll(options);
        return KafkaOptions.read(new BrokerContext("shop", "default", address, all, InstantSource.system()));
    }

    private static KafkaSettings read(Map<String, ?> options) {
        return read("kafka://localhost:9092", options);
    }

    private static ConfigurationException refusal(Map<String, ?> options) {
        return refusal("kafka://localhost:9092", options);
    }

    private static ConfigurationException refusal(String uri, Map<String, ?> options) {
        return catchThrowableOfType(ConfigurationException.class, () -> read(uri, options));
    }

    @Test
    void providerIsFoundByItsScheme() {
        assertThat(ServiceLoader.load(BrokerProvider.class))
                .anySatisfy(provider -> assertThat(provider)
                        .isInstanceOf(KafkaBrokerProvider.class)
                        .extracting(BrokerProvider::schemes)
                        .isEqualTo(java.util.Set.of("kafka")));
    }

    @Nested
    class Names {

        @Test
        void everyProblemIsToldAtOnce() {
            var refused = refusal(
                    "kafka://a:9092/path",
                    Map.of("acks", "1", "no.such", "x", "topics.create", "maybe", "linger.ms", "soon"));

            assertThat(refused.problems())
                    .hasSize(5)
                    .anyMatch(problem -> problem.contains("\"acks\""))
                    .anyMatch(problem -> problem.contains("\"no.such\""))
                    .anyMatch(problem -> problem.contains("\"topics.create\""))
                    .anyMatch(problem -> problem.contains("\"linger.ms\""))
                    .anyMatch(problem -> problem.contains("\"path\""));
        }

        @ParameterizedTest
        @CsvSource({
            "securty.protocol, security.protocol",
            "topic.create, topics.create",
            "topics.partition, topics.partitions",
            "compresion.type, compression.type",
            "group.instanceid, group.instance.id"
        })
        void unknownOptionNamesTheNearest(String given, String meant) {
            assertThat(refusal(Map.of(given, "x"))).hasMessageContaining("did you mean \"" + meant + "\"?");
        }

        @Test
        void partOfANameNamesTheWhole() {
            assertThat(refusal(Map.of("partitions", "8")))
                    .hasMessageContaining("did you mean \"partitions.pinned\" or \"topics.partitions\"?");
            assertThat(refusal(Map.of("create", "true"))).hasMessageContaining("did you mean \"topics.create\"?");
        }

        @Test
        void nothingNearIsNotGuessed() {
            assertThat(refusal(Map.of("completely.different.thing", "x")))
                    .message()
                    .doesNotContain("did you mean");
        }

        @Test
        void refusedNamesAreNotSuggested() {
            assertThat(refusal(Map.of("group.idd", "x"))).message().doesNotContain("\"group.id\"");
        }

        @Test
        void kafkasOwnOptionsPassThroughUntouched() {
            var settings = read(Map.of(
                    "compression.type",
                    "zstd",
                    "fetch.min.bytes",
                    "2",
                    "security.protocol",
                    "SASL_SSL",
                    "linger.ms",
                    "7"));

            assertThat(settings.known(ProducerConfig.configNames()))
                    .containsExactlyInAnyOrderEntriesOf(
                            Map.of("compression.type", "zstd", "security.protocol", "SASL_SSL", "linger.ms", "7"));
            assertThat(settings.known(ConsumerConfig.configNames()))
                    .containsExactlyInAnyOrderEntriesOf(
                            Map.of("fetch.min.bytes", "2", "security.protocol", "SASL_SSL"));
        }

        @Test
        void optionsOfTheUriCount() {
            assertThat(read("kafka://localhost?topics.create=true", Map.of()).createTopics())
                    .isTrue();
        }
    }

    @Nested
    class PromisesThatOptionsWouldBreak {

        @ParameterizedTest
        @MethodSource("dev.syncline.broker.kafka.KafkaOptions#refused")
        void optionIsRefusedWithTheReason(String name) {
            assertThat(refusal(Map.of(name, "1")))
                    .hasMessageContaining("option \"" + name + "\" of broker \"default\" cannot be set: ");
        }

        @ParameterizedTest
        @CsvSource({
            "acks, 0",
            "acks, 1",
            "enable.idempotence, false",
            "max.in.flight.requests.per.connection, 6",
            "max.in.flight.requests.per.connection, 0",
            "metadata.recovery.strategy, rebootstrap",
            "check.crcs, false",
            "ssl.endpoint.identification.algorithm, ''",
            "partition.assignment.strategy, org.apache.kafka.clients.consumer.RangeAssignor",
            "partition.assignment.strategy, org.apache.kafka.clients.consumer.StickyAssignor"
        })
        void valueIsRefusedWithTheReason(String name, String value) {
            assertThat(refusal(Map.of(name, value))).hasMessageContaining("option \"" + name + "\"");
        }

        @ParameterizedTest
        @CsvSource({
            "acks, all",
            "acks, -1",
            "enable.idempotence, true",
            "max.in.flight.requests.per.connection, 1",
            "max.in.flight.requests.per.connection, 5",
            "metadata.recovery.strategy, none",
            "partition.assignment.strategy, org.apache.kafka.clients.consumer.CooperativeStickyAssignor"
        })
        void valueThatKeepsThemIsTaken(String name, String value) {
            read(Map.of(name, value));
        }

        @ParameterizedTest
        @CsvSource({
            "linger.ms, soon",
            "compression.type, rar",
            "security.protocol, PLAIN",
            "fetch.min.bytes, -5",
            "sasl.login.callback.handler.class, com.example.Missing"
        })
        void valueThatKafkaCannotUseIsToldBeforeTheStart(String name, String value) {
            assertThat(refusal(Map.of(name, value)))
                    .hasMessageContaining("option \"" + name + "\"")
                    .hasMessageContaining(value);
        }
    }

    @Nested
    class Secrets {

        private static final String CANARY = "canary-77";

        @Test
        void areRevealedToTheClientOnly() {
            var settings = read(Map.of("ssl.keystore.password", Secret.of(CANARY)));

            assertThat(settings.toString()).doesNotContain(CANARY);
            assertThat(settings.known(ProducerConfig.configNames())).containsEntry("ssl.keystore.password", CANARY);
        }

        @Test
        void passwordsGivenAsTextAreHiddenToo() {
            var settings = read(Map.of("sasl.jaas.config", "module required password=" + CANARY + ";"));

            assertThat(settings.toString()).doesNotContain(CANARY);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "linger.ms",
                    "no.such.option",
                    "acks",
                    "topics.partitions",
                    "partitions.pinned",
                    "group.protocol"
                })
        void areNotInMessages(String name) {
            assertThat(refusal(Map.of(name, Secret.of(CANARY)))).message().doesNotContain(CANARY);
        }

        @Test
        void valueThatIsNeitherTextNorSecretIsRefused() {
            assertThat(refusal(Map.of("linger.ms", 5))).hasMessageContaining("neither text nor Secret");
        }
    }

    @Nested
    class Hosts {

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "kafka://a | a:9092",
                    "kafka://a:1234 | a:1234",
                    "kafka://a,b:1,c | a:9092,b:1,c:9092",
                    "kafka://[::1]:9093 | [::1]:9093",
                    "kafka://[fe80::1] | [fe80::1]:9092"
                })
        void areCompletedWithThePort(String uri, String expected) {
            assertThat(read(uri.trim(), Map.of()).address()).isEqualTo(expected.trim());
        }

        @ParameterizedTest
        @ValueSource(strings = {"kafka:", "kafka://", "kafka://a:b", "kafka://a,,b", "kafka://a b"})
        void thatAreNoneAreRefused(String uri) {
            assertThat(refusal(uri, Map.of())).hasMessageContaining("kafka://host:9092");
        }

        @Test
        void userOfTheUriSignsIn() {
            var settings = read(
                    "kafka://al%22ice:s%5Ccret@host",
                    Map.of("sasl.mechanism", "SCRAM-SHA-512", "security.protocol", "SASL_SSL"));

            assertThat(settings.toString()).doesNotContain("cret");
            assertThat(settings.known(ProducerConfig.configNames()))
                    .containsEntry(
                            "sasl.jaas.config",
                            "org.apache.kafka.common.security.scram.ScramLoginModule required "
                                    + "username=\"al\\\"ice\" password=\"s\\\\cret\";");
        }

        @Test
        void userWithoutMechanismIsToldWhatIsMissing() {
            assertThat(refusal("kafka://alice:secret@host", Map.of()))
                    .hasMessageContaining("sasl.mechanism")
                    .message()
                    .doesNotContain("secret");
        }

        @Test
        void userTwiceIsRefused() {
            assertThat(refusal(
                            "kafka://alice:secret@host",
                            Map.of(
                                    "sasl.mechanism", "PLAIN",
                                    "security.protocol", "SASL_SSL",
                                    "sasl.jaas.config", "x required;")))
                    .hasMessageContaining("sasl.jaas.config");
        }
    }

    @Nested
    class GroupProtocol {

        @ParameterizedTest
        @CsvSource({"auto, AUTO", "AUTO, AUTO", "consumer, CONSUMER", "classic, CLASSIC", "Classic, CLASSIC"})
        void isReadAsWritten(String given, Protocol expected) {
            assertThat(read(Map.of("group.protocol", given)).protocol()).isEqualTo(expected);
        }

        @Test
        void isAutoByDefault() {
            assertThat(read(Map.of()).protocol()).isEqualTo(Protocol.AUTO);
        }

        /** Nothing is silently ignored: a setting that only one protocol knows chooses that one. */
        @Test
        void followsFromOptionsThatOnlyOneKnows() {
            assertThat(read(Map.of("session.timeout.ms", "6000")).protocol()).isEqualTo(Protocol.CLASSIC);
            assertThat(read(Map.of("heartbeat.interval.ms", "1000")).protocol()).isEqualTo(Protocol.CLASSIC);
            assertThat(read(Map.of("group.remote.assignor", "range")).protocol())
                    .isEqualTo(Protocol.CONSUMER);
        }

        @Test
        void contradictionsAreRefused() {
            assertThat(refusal(Map.of("group.protocol", "consumer", "session.timeout.ms", "6000")))
                    .hasMessageContaining("session.timeout.ms");
            assertThat(refusal(Map.of("group.protocol", "classic", "group.remote.assignor", "range")))
                    .hasMessageContaining("group.remote.assignor");
            assertThat(refusal(Map.of("session.timeout.ms", "6000", "group.remote.assignor", "range")))
                    .hasMessageContaining("session.timeout.ms")
                    .hasMessageContaining("group.remote.assignor");
            assertThat(refusal(Map.of("group.protocol", "eager"))).hasMessageContaining("auto, consumer or classic");
        }
    }

    @Nested
    class OfThisAdapter {

        @Test
        void topicsAreMadeOnlyIfAsked() {
            assertThat(read(Map.of()).createTopics()).isFalse();
            var settings = read(Map.of("topics.create", "true", "topics.partitions", "12", "topics.replication", "3"));
            assertThat(settings.createTopics()).isTrue();
            assertThat(settings.topicPartitions()).isEqualTo(12);
            assertThat(settings.topicReplication()).isEqualTo((short) 3);
        }

        @Test
        void howTopicsAreMadeHasNoEffectIfTheyAreNot() {
            assertThat(refusal(Map.of("topics.partitions", "12"))).hasMessageContaining("topics.create=true");
        }

        @ParameterizedTest
        @ValueSource(strings = {"0", "-1", "x", "1000000000000", "1.5", ""})
        void partitionsAreAPositiveNumber(String value) {
            assertThat(refusal(Map.of("topics.create", "true", "topics.partitions", value)))
                    .hasMessageContaining("topics.partitions");
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {"0 | [0]", "0,2-4 | [0, 2, 3, 4]", "3,1,1 | [1, 3]", " 1 - 2 | -", "7-7 | [7]"})
        void pinnedPartitionsAreNumbersAndRanges(String given, String expected) {
            if (expected.equals("-")) {
                assertThat(refusal(Map.of("partitions.pinned", given))).hasMessageContaining("0,2-4");
            } else {
                assertThat(read(Map.of("partitions.pinned", given)).pinned()).hasToString(expected);
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "x", "1-", "-1", "4-2", "1;2", "99999999"})
        void otherPartitionsAreRefused(String given) {
            assertThat(refusal(Map.of("partitions.pinned", given))).hasMessageContaining("\"partitions.pinned\"");
        }

        @Test
        void pinnedPartitionsAndABrokerThatSharesOutDoNotMix() {
            assertThat(refusal(Map.of("partitions.pinned", "0", "group.protocol", "consumer")))
                    .hasMessageContaining("partitions.pinned")
                    .hasMessageContaining("group.protocol=classic");
            assertThat(refusal(Map.of("partitions.pinned", "0", "group.remote.assignor", "range")))
                    .hasMessageContaining("group.remote.assignor");
        }

        @Test
        void pinnedPartitionsDoNotMove() {
            var open = new KafkaBrokerProvider();
            var address = BrokerAddress.parse("kafka://localhost");
            try (var pinned = open.open(new BrokerContext(
                            "shop", "default", address, Map.of("partitions.pinned", "0"), InstantSource.system()));
                    var moving = open.open(
                            new BrokerContext("shop", "default", address, Map.of(), InstantSource.system()))) {
                assertThat(pinned.capabilities().rebalances()).isFalse();
                assertThat(moving.capabilities().rebalances()).isTrue();
            }
        }
    }

    @Test
    void closedBrokerMakesNothing() {
        var broker = new KafkaBroker(read(Map.of()));
        broker.close();
        broker.close();

        assertThatThrownBy(broker::producer).isInstanceOf(IllegalStateException.class);
    }
}
