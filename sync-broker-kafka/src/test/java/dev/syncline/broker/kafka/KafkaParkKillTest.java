package dev.syncline.broker.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.OnEvent;
import dev.syncline.api.SyncHandler;
import dev.syncline.runtime.DeadLetter;
import dev.syncline.runtime.DeadLetters.Selection;
import dev.syncline.runtime.Sync;
import dev.syncline.testkit.server.KafkaServer;
import dev.syncline.testkit.server.RealKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events and parked events on one Kafka, which is killed while it parks. */
@StartsThreads
class KafkaParkKillTest {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int KEYS = 24;
    private static final int EVENTS = 10;

    @RealKafka(exclusive = true)
    static KafkaServer server;

    @TempDir
    Path directory;

    private final List<String> handled = new CopyOnWriteArrayList<>();
    private final Set<String> broken = ConcurrentHashMap.newKeySet();

    @EventType("kill.item.changed")
    record Item(@EventKey String key, int number) {}

    @SyncHandler(value = "shop", deletes = SyncHandler.Deletes.IGNORE)
    final class Shop {
        @OnEvent("kill.item.changed")
        void on(Item item) {
            if (broken.contains(item.key())) {
                throw new IllegalStateException("broken");
            }
            handled.add(item.key() + " " + item.number());
        }
    }

    private Sync start(String data) {
        var uri = "kafka://" + server.bootstrapServers();
        return Sync.builder("killed")
                .broker("default", uri, Map.of("topics.create", "true", "topics.partitions", "2"))
                .parkOn(uri + "/kill.parked", Map.of("topics.create", "true"))
                .dataDirectory(directory.resolve(data))
                .settings(Map.of(
                        "defaults.retry", "none",
                        "defaults.retry-later", "none",
                        "defaults.concurrency", "2",
                        "defaults.breaker", "off",
                        "handlers.shop.adopt", "*"))
                .handlers(new Shop())
                .start();
    }

    private static void publishRound(Sync sync, int number) {
        for (int key = 0; key < KEYS; key++) {
            sync.publisher().publish(new Item("k" + key, number));
        }
    }

    private List<String> handledOf(int key) {
        return handled.stream()
                .filter(entry -> entry.startsWith("k" + key + " "))
                .toList();
    }

    private static List<String> all(int key) {
        return IntStream.rangeClosed(1, EVENTS)
                .mapToObj(number -> "k" + key + " " + number)
                .toList();
    }

    private static List<DeadLetter> dead(Sync sync) {
        await().atMost(PATIENCE).until(() -> sync.deadLetters().count(Selection.all()) == KEYS / 2);
        return sync.deadLetters().list(Selection.all(), null, 100);
    }

    @Test
    void s11_afterTheBrokerWasKilledWhileParkingEveryEventIsAppliedOrALetterInItsOrder() {
        for (int key = 0; key < KEYS; key += 2) {
            broken.add("k" + key);
        }
        try (var sync = start("first")) {
            for (int number = 1; number <= EVENTS; number++) {
                publishRound(sync, number);
                if (number == 4 || number == 8) {
                    await().atMost(PATIENCE).until(() -> sync.deadLetters().count(Selection.all()) > 2);
                    server.kill();
                    publishRound(sync, ++number);
                    server.restart();
                }
            }
            sync.awaitQuiet(PATIENCE);
            dead(sync);
        }
        // another life, without what the first one had on its disk
        try (var sync = start("second")) {
            var letters = dead(sync);
            assertThat(letters).allMatch(letter -> letter.lettersBehind() == EVENTS - 1);
            sync.awaitQuiet(PATIENCE);
            for (int key = 1; key < KEYS; key += 2) {
                assertThat(handledOf(key)).isEqualTo(all(key));
            }
            broken.clear();
            letters.forEach(letter -> takesPlace(sync, letter));
            await().atMost(PATIENCE).until(() -> handled.size() == KEYS * EVENTS);
        }
        for (int key = 0; key < KEYS; key++) {
            assertThat(handledOf(key)).isEqualTo(all(key));
        }
    }

    private static void takesPlace(Sync sync, DeadLetter letter) {
        await().atMost(PATIENCE)
                .ignoreExceptionsInstanceOf(ExecutionException.class)
                .until(() -> sync.deadLetters()
                        .redrive(letter)
                        .toCompletableFuture()
                        .get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    }
}
