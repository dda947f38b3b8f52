package dev.syncline.broker.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.syncline.api.Delivery;
import dev.syncline.api.Event;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.Outcome;
import dev.syncline.runtime.DeadLetters.Selection;
import dev.syncline.runtime.Sync;
import dev.syncline.testkit.server.KafkaServer;
import dev.syncline.testkit.server.RealKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A message that Kafka refuses for good parks its key, through the whole of an application. Input 31. */
class RefusedMessageTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String TOPIC = "refused.message";

    @RealKafka
    static KafkaServer server;

    @TempDir
    Path directory;

    private final Map<String, List<Integer>> applied = new ConcurrentHashMap<>();

    @EventType("refused.message.changed")
    record Product(@EventKey String sku, int number, String text) {}

    @Test
    void input31_itsKeyWaitsOthersGoOnAndARedriveShipsItInOrder() throws Exception {
        server.createTopic(TOPIC, 1, Map.of("max.message.bytes", "4000"));
        try (var sync = start()) {
            publish(sync, "big", 1, 10);
            publish(sync, "big", 2, 20_000);
            publish(sync, "big", 3, 10);
            for (int i = 0; i < 50; i++) {
                publish(sync, "k" + i % 5, i, 10);
            }
            sync.awaitQuiet(PATIENCE);

            assertThat(applied.get("big")).containsExactly(1);
            assertThat(applied.values().stream().mapToInt(List::size).sum()).isEqualTo(51);
            var letters = sync.deadLetters().list(Selection.all().ofHandler("relay:default"), null, 10);
            assertThat(letters).singleElement().satisfies(letter -> {
                assertThat(letter.key()).isEqualTo("big");
                assertThat(letter.topic()).isEqualTo(TOPIC);
                assertThat(letter.reason()).contains("too large");
                assertThat(letter.lettersBehind()).isEqualTo(1);
            });
            var health = sync.health();
            assertThat(health.isUp()).isFalse();
            assertThat(health.problems()).singleElement().asString().contains("big", TOPIC, "relay:default");
        }
        raiseTheLimit();
        try (var sync = start()) {
            var letter = sync.deadLetters().list(Selection.all(), null, 10).get(0);
            assertThat(sync.deadLetters()
                            .redrive(letter)
                            .toCompletableFuture()
                            .get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
            publish(sync, "big", 4, 10);

            await().atMost(PATIENCE).until(() -> applied.get("big").size() == 4);
            assertThat(applied.get("big")).containsExactly(1, 2, 3, 4);
            sync.awaitQuiet(PATIENCE);
            assertThat(sync.deadLetters().count(Selection.all())).isZero();
            assertThat(sync.health().problems()).isEmpty();
        }
    }

    private static void raiseTheLimit() throws Exception {
        try (var admin = Admin.create(Map.of("bootstrap.servers", server.bootstrapServers()))) {
            var raise = new AlterConfigOp(new ConfigEntry("max.message.bytes", "1000000"), OpType.SET);
            admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.TOPIC, TOPIC), List.of(raise)))
                    .all()
                    .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private Sync start() {
        return Sync.builder("refused")
                .dataDirectory(directory)
                .broker("kafka://" + server.bootstrapServers())
                .handler("shop", Product.class, this::apply)
                .start();
    }

    private Outcome apply(Event<Product> event, Delivery delivery) {
        applied.computeIfAbsent(event.key(), key -> new CopyOnWriteArrayList<>())
                .add(event.payload().number());
        return Outcome.done();
    }

    private static void publish(Sync sync, String key, int number, int size) {
        sync.publisher().publish(new Product(key, number, "x".repeat(size)));
    }
}
