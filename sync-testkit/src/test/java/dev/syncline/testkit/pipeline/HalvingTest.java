package dev.syncline.testkit.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.syncline.api.Delivery;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.OnEvent;
import dev.syncline.api.Outcome;
import dev.syncline.api.SyncHandler;
import dev.syncline.runtime.Sync;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a batch in which one event is poison (input 49). */
class HalvingTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int EVENTS = 500;

    @TempDir
    Path directory;

    @EventType(value = "wh.row.changed", kind = EventType.Kind.DELTA)
    record Row(@EventKey int number) {}

    /** Applies all of a list or nothing. */
    abstract static class Warehouse {

        final ConcurrentMap<Integer, Integer> applied = new ConcurrentHashMap<>();
        final ConcurrentLinkedQueue<Integer> sizes = new ConcurrentLinkedQueue<>();
        final Set<Integer> attempts = ConcurrentHashMap.newKeySet();
        private final Map<Integer, ? extends RuntimeException> poison;

        Warehouse(Map<Integer, ? extends RuntimeException> poison) {
            this.poison = poison;
        }

        void load(List<Row> rows, Delivery delivery) {
            sizes.add(rows.size());
            for (var row : rows) {
                if (poison.containsKey(row.number())) {
                    throw poison.get(row.number());
                }
            }
            attempts.add(delivery.attempt());
            rows.forEach(row -> applied.merge(row.number(), 1, Integer::sum));
        }
    }

    @SyncHandler(value = "wh", batch = EVENTS, concurrency = 1, idempotent = true, retry = "10ms", retryLater = "1h")
    static final class Halved extends Warehouse {

        Halved(Map<Integer, ? extends RuntimeException> poison) {
            super(poison);
        }

        @OnEvent
        void on(List<Row> rows, Delivery delivery) {
            load(rows, delivery);
        }
    }

    @SyncHandler(value = "wh", batch = EVENTS, concurrency = 1, retry = "10ms", retryLater = "1h")
    static final class Whole extends Warehouse {

        Whole(Map<Integer, ? extends RuntimeException> poison) {
            super(poison);
        }

        @OnEvent
        void on(List<Row> rows, Delivery delivery) {
            load(rows, delivery);
        }
    }

    private Sync start(Object handler) {
        return Sync.builder("test")
                .dataDirectory(directory)
                .broker("local:")
                .handlers(handler)
                .start();
    }

    /** All at once, as far as the lane takes them. */
    private static void publish(Sync sync) {
        sync.pause("wh");
        for (int i = 0; i < EVENTS; i++) {
            sync.publisher().publish(new Row(i));
        }
        sync.resume("wh");
    }

    @Test
    void s10_onePoisonInFiveHundredStopsItsKeyOnlyAndTheOthersAreAppliedOnce() {
        var handler = new Halved(Map.of(317, new IllegalStateException("poison")));
        try (var sync = start(handler)) {
            publish(sync);
            await().atMost(PATIENCE).until(() -> handler.applied.size() == EVENTS - 1);
            sync.awaitQuiet(PATIENCE);

            assertThat(handler.applied).doesNotContainKey(317);
            assertThat(handler.applied.values()).containsOnly(1);
            assertThat(handler.sizes).as("calls").hasSizeLessThan(EVENTS / 5);
            assertThat(handler.attempts).as("nobody else spent an attempt").containsExactly(1);
            assertThat(sync.health().handlers().get("wh").blockedKeys())
                    .singleElement()
                    .satisfies(blocked -> assertThat(blocked.key()).isEqualTo("317"));
        }
    }

    @Test
    void severalPoisonsAreFoundToo() {
        var poison = Map.of(
                3, new IllegalStateException("poison"),
                4, Outcome.reject("poison").asException(),
                499, new IllegalStateException("poison"));
        var handler = new Halved(poison);
        try (var sync = start(handler)) {
            publish(sync);
            await().atMost(PATIENCE).until(() -> handler.applied.size() == EVENTS - 3);
            await().atMost(PATIENCE)
                    .until(() ->
                            sync.health().handlers().get("wh").blockedKeys().size() == 3);

            assertThat(handler.applied.values()).containsOnly(1);
            assertThat(handler.attempts).containsExactly(1);
        }
    }

    @Test
    void withoutIdempotentTheBatchIsTriedAgainAndTheOthersSpendAttempts() {
        var handler = new Whole(Map.of(317, new IllegalStateException("poison")));
        try (var sync = start(handler)) {
            publish(sync);

            await().atMost(PATIENCE)
                    .until(() -> handler.attempts.stream().anyMatch(attempt -> attempt > 1)
                            || sync.health().handlers().get("wh").blockedKeys().size() > 1);
        }
    }
}
