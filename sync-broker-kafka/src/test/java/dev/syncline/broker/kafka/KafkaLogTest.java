package dev.syncline.broker.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.BrokerException;
import dev.syncline.api.ConfigurationException;
import dev.syncline.spi.BrokerAddress;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.LogStore;
import dev.syncline.spi.LogStore.LogScope;
import dev.syncline.spi.OwnedLog;
import dev.syncline.spi.OwnedLog.LogEntry;
import dev.syncline.spi.StateContext;
import dev.syncline.testkit.server.KafkaServer;
import dev.syncline.testkit.server.RealKafka;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What topics must be like to keep parked events, and who may write to them. */
@StartsThreads
class KafkaLogTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @RealKafka(exclusive = true)
    static KafkaServer server;

    private final String application = "app-" + UUID.randomUUID().toString().substring(0, 8);
    private final LogScope log = new LogScope(application, "orders", "default");
    private final String topic = application + ".parked.orders";
    private LogStore store;

    @BeforeEach
    void open() {
        store = open(application, "", Map.of());
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static LogStore open(String application, String path, Map<String, Object> options) {
        var address = BrokerAddress.parse("kafka://" + server.bootstrapServers() + path);
        return new KafkaLogProvider().openLogs(new StateContext(application, address, options, InstantSource.system()));
    }

    private static <T> T get(CompletionStage<T> answer) throws Throwable {
        try {
            return answer.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException failed) {
            throw failed.getCause();
        }
    }

    private static Map<String, String> keepingAll(Map<String, String> more) {
        var configs = new HashMap<>(Map.of("cleanup.policy", "delete", "retention.ms", "-1", "retention.bytes", "-1"));
        configs.putAll(more);
        return configs;
    }

    private void assertRefused(String... parts) {
        assertThatThrownBy(() -> store.check(List.of(log), PATIENCE))
                .isInstanceOfSatisfying(
                        BrokerException.class,
                        refused -> assertThat(refused.isRetryable()).isFalse())
                .hasMessageContainingAll(parts);
        assertThatThrownBy(() -> get(store.takeLog(log, "me")))
                .as("nor does it park there later")
                .isInstanceOf(BrokerException.class)
                .hasMessageContainingAll(parts);
    }

    @Test
    void aTopicThatIsMissingIsRefusedWithWhatItHasToBeLike() {
        assertRefused(topic, "missing", "topics.create=true", "retention.ms=-1");
    }

    @Test
    void s11_aTopicThatIsCompactedOrForgetsIsRefusedWithWhatToSet() {
        server.createTopic(topic, 1, keepingAll(Map.of("cleanup.policy", "compact")));
        assertRefused(topic, "cleanup.policy=compact", "set cleanup.policy=delete");
        server.deleteTopic(topic);
        server.createTopic(topic, 1);
        assertRefused(topic, "retention.ms=", "set retention.ms=-1");
    }

    @Test
    void aTopicThatKeepsAllIsUsed() throws Throwable {
        server.createTopic(topic, 1, keepingAll(Map.of("max.message.bytes", "20000")));

        store.check(List.of(log), PATIENCE);
        var owner = get(store.takeLog(log, "me"));

        assertThat(owner.maxEntryBytes()).isBetween(15_000, 20_000);
        get(owner.append(List.of(new LogEntry(1, Bytes.wrap(new byte[owner.maxEntryBytes()])))));
    }

    /** Whoever parks leaves larger ones unsettled; this is what happens if the topic is changed meanwhile. */
    @Test
    void whatTheTopicDoesNotTakeIsRefusedAndSaysWhatToRaise() throws Throwable {
        server.createTopic(topic, 1, keepingAll(Map.of("max.message.bytes", "20000")));
        var owner = get(store.takeLog(log, "me"));
        var large = List.of(new LogEntry(1, Bytes.wrap(new byte[30_000])));

        assertThatThrownBy(() -> get(owner.append(large)))
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining("max.message.bytes");

        get(owner.append(List.of(new LogEntry(2, Bytes.utf8("small")))));
        assertThat(get(owner.readLog(0, 10)).entries())
                .extracting(LogEntry::index)
                .containsExactly(2L);
    }

    /** A late owner that begins a producer takes nothing: the rightful one finds its token in the topic, and goes on. */
    @Test
    void s13_whoeverBeginsAProducerAndWritesNothingHasNotTakenTheLog() throws Throwable {
        server.createTopic(topic, 1, keepingAll(Map.of()));
        var owner = get(store.takeLog(log, "me"));
        get(owner.append(List.of(new LogEntry(1, Bytes.utf8("one")))));
        Map<String, Object> config = Map.of(
                "bootstrap.servers", server.bootstrapServers(),
                "transactional.id", KafkaLogStore.transactionalId(topic));
        try (var robber = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            robber.initTransactions();

            get(owner.append(List.of(new LogEntry(2, Bytes.utf8("two")))));
        }
        assertThat(get(owner.readLog(0, 10)).entries())
                .extracting(LogEntry::index)
                .containsExactly(1L, 2L);
    }

    @Test
    void aTopicOfAnotherApplicationIsLeftAlone() throws Throwable {
        server.createTopic(topic, 1, keepingAll(Map.of()));
        var owner = get(store.takeLog(log, "me"));
        get(owner.append(List.of(new LogEntry(1, Bytes.utf8("one")))));
        try (var others = open("another", "/" + application + ".parked", Map.of())) {
            assertThatThrownBy(() -> get(others.takeLog(new LogScope("another", "orders", "default"), "it")))
                    .isInstanceOfSatisfying(
                            BrokerException.class,
                            refused -> assertThat(refused.isRetryable()).isFalse())
                    .hasMessageContaining("of another application");
        }
        get(owner.append(List.of(new LogEntry(2, Bytes.utf8("two")))));
    }

    @Test
    void optionsThatMeanNothingHereAreNamedAllAtOnce() {
        assertThatThrownBy(() -> open(application, "/no such", Map.of("partitions.pinned", "1", "acks", "1")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContainingAll("no such", "partitions.pinned", "acks");
        assertThatCode(() -> open(application, "/fine.name", Map.of("compression.type", "zstd"))
                        .close())
                .doesNotThrowAnyException();
    }

    /** As an owner says nothing about the topic's older records, a reader that stands in them goes on behind. */
    @Test
    void aReaderInWhatIsDroppedGoesOnWithWhatIsLeft() throws Throwable {
        server.createTopic(topic, 1, keepingAll(Map.of()));
        OwnedLog owner = get(store.takeLog(log, "me"));
        for (int i = 1; i <= 300; i++) {
            get(owner.append(List.of(new LogEntry(i, Bytes.utf8("entry " + i)))));
        }
        assertThat(get(owner.readLog(1, 10)).entries()).hasSize(10);

        get(owner.dropLog(200));

        assertThat(server.startOffsets(topic).get(0))
                .as("the broker has deleted it")
                .isPositive();
        assertThat(get(owner.readLog(11, 10)).entries().get(0).index()).isEqualTo(200);
        assertThat(get(store.takeLog(log, "again")).token()).isNotEqualTo(owner.token());
    }
}
