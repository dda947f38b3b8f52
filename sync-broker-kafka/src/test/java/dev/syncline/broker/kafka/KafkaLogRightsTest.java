package dev.syncline.broker.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.BrokerException;
import dev.syncline.spi.BrokerAddress;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.LogStore;
import dev.syncline.spi.LogStore.LogScope;
import dev.syncline.spi.OwnedLog.LogEntry;
import dev.syncline.spi.StateContext;
import dev.syncline.testkit.server.KafkaServer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Input 57, for topics of parked events: what is not granted is refused at start, by its name. */
@StartsThreads
class KafkaLogRightsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String USER = "parker";
    private static final String TOPIC = "rights.parked.orders";
    private static final LogScope LOG = new LogScope("rights", "orders", "default");

    private static KafkaServer server;

    @BeforeAll
    static void start() {
        server = KafkaServer.builder().user(USER, "secret-1").authorizer().start();
        server.createTopic(TOPIC, 1, Map.of("cleanup.policy", "delete", "retention.ms", "-1", "retention.bytes", "-1"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static LogStore open() {
        var address = BrokerAddress.parse("kafka://" + server.bootstrapServers());
        var options = new HashMap<String, Object>(server.clientConfig(USER));
        options.remove("bootstrap.servers");
        return new KafkaLogProvider().openLogs(new StateContext("rights", address, options, InstantSource.system()));
    }

    private static void assertRefused(LogStore store, String... parts) {
        assertThatThrownBy(() -> store.check(List.of(LOG), PATIENCE))
                .isInstanceOfSatisfying(
                        BrokerException.class,
                        refused -> assertThat(refused.isRetryable()).isFalse())
                .hasMessageContainingAll(parts);
    }

    private static void allow(String type, String name, String... operations) {
        for (var operation : operations) {
            server.allow(USER, operation, type, name);
        }
    }

    @Test
    void whatIsNotGrantedIsNamedAndWhatIsNamedIsEnough() throws Exception {
        server.disallow(USER);
        try (var store = open()) {
            assertRefused(store, TOPIC);
            allow("TOPIC", TOPIC, "DESCRIBE");
            assertRefused(store, TOPIC, "READ", "WRITE");
            allow("TOPIC", TOPIC, "READ", "WRITE");
            assertRefused(store, TOPIC, "DELETE", "DESCRIBE_CONFIGS");
            allow("TOPIC", TOPIC, "DELETE", "DESCRIBE_CONFIGS");
            assertRefused(store, "transactional id", "syncline.parked." + TOPIC);
            allow("TRANSACTIONAL_ID", "syncline.parked." + TOPIC, "WRITE", "DESCRIBE");

            store.check(List.of(LOG), PATIENCE);
            var owner = store.takeLog(LOG, "me").toCompletableFuture().get(60, TimeUnit.SECONDS);
            owner.append(List.of(new LogEntry(1, Bytes.utf8("one")), new LogEntry(2, Bytes.utf8("two"))))
                    .toCompletableFuture()
                    .get(60, TimeUnit.SECONDS);
            owner.dropLog(2).toCompletableFuture().get(60, TimeUnit.SECONDS);
            var page = owner.readLog(0, 10).toCompletableFuture().get(60, TimeUnit.SECONDS);
            assertThat(page.entries()).extracting(LogEntry::index).containsExactly(2L);
        }
    }
}
