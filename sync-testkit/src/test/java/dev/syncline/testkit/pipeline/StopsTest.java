package dev.syncline.testkit.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.MapsTo;
import dev.syncline.api.OnEvent;
import dev.syncline.api.SyncHandler;
import dev.syncline.runtime.DeadLetters.Redrive;
import dev.syncline.runtime.DeadLetters.Selection;
import dev.syncline.runtime.Health.BreakerHealth;
import dev.syncline.runtime.Health.HandlerHealth;
import dev.syncline.runtime.Sync;
import dev.syncline.testkit.InMemoryBroker;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What makes a handler stop by itself, what does not, and how it goes on. */
class StopsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long PAUSE_MILLIS = 300;

    @TempDir
    Path directory;

    private final InMemoryBroker broker = new InMemoryBroker();
    private final Stock stock = new Stock();

    @EventType(value = "stock.counted", kind = EventType.Kind.DELTA)
    record Counted(@EventKey String sku, int number) {}

    record Level(String sku, int number) {}

    /** A target that can be away, and a mapper that can be wrong. */
    @SyncHandler("stock")
    static final class Stock {
        volatile Predicate<String> isAway = sku -> false;
        volatile boolean isMapperWrong;

        private final Map<String, List<Integer>> levels = new HashMap<>();
        private final List<Attempt> attempts = new ArrayList<>();

        record Attempt(String sku, long begin, long end) {}

        @MapsTo
        Level level(Counted counted) {
            if (isMapperWrong) {
                throw new IllegalStateException("no such field");
            }
            return new Level(counted.sku(), counted.number());
        }

        @OnEvent("stock.counted")
        void put(Level level) throws IOException {
            long begin = System.nanoTime();
            if (isAway.test(level.sku())) {
                synchronized (this) {
                    attempts.add(new Attempt(level.sku(), begin, System.nanoTime()));
                }
                throw new IOException("connection refused");
            }
            synchronized (this) {
                levels.computeIfAbsent(level.sku(), sku -> new ArrayList<>()).add(level.number());
            }
        }

        synchronized List<Attempt> failures() {
            return List.copyOf(attempts);
        }

        synchronized Map<String, List<Integer>> levels() {
            var copy = new TreeMap<String, List<Integer>>();
            levels.forEach((sku, numbers) -> copy.put(sku, List.copyOf(numbers)));
            return copy;
        }

        synchronized int applied() {
            return levels.values().stream().mapToInt(List::size).sum();
        }
    }

    private Sync start(String uri, Map<String, String> settings) {
        var builder = Sync.builder("test")
                .dataDirectory(directory.resolve("data"))
                .handlers(stock)
                .settings(settings);
        if (uri.equals("local:")) {
            builder.broker(uri);
        } else {
            broker.createTopic("stock", 3);
            builder.broker(broker, uri);
        }
        return builder.start();
    }

    private static void publish(Sync sync, int keys, int each) {
        for (int number = 0; number < each; number++) {
            for (int key = 0; key < keys; key++) {
                sync.publisher().publish(new Counted("k" + key, number));
            }
        }
    }

    private static Map<String, List<Integer>> all(int keys, int each) {
        var all = new TreeMap<String, List<Integer>>();
        for (int key = 0; key < keys; key++) {
            all.put("k" + key, IntStream.range(0, each).boxed().toList());
        }
        return all;
    }

    private static HandlerHealth health(Sync sync) {
        return sync.health().handlers().get("stock");
    }

    private static boolean isIn(Sync sync, BreakerHealth.State state) {
        return health(sync).breaker().state() == state;
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory:", "local:"})
    void s16_l5_whileTheTargetIsAwayAnAttemptIsMadeNowAndThenAndAfterwardsAllIsAppliedInOrder(String uri) {
        var settings = Map.of(
                "handlers.stock.concurrency", "1",
                "handlers.stock.breaker", "3 keys 50% 5s",
                "handlers.stock.breaker-pause", PAUSE_MILLIS + "ms");
        try (var sync = start(uri, settings)) {
            stock.isAway = sku -> true;
            publish(sync, 20, 5);
            await().atMost(PATIENCE).until(() -> isIn(sync, BreakerHealth.State.OPEN));

            var health = sync.health();
            assertThat(health.isReady()).isFalse();
            assertThat(health.isUp()).as("it ends by itself").isTrue();
            assertThat(health.problems()).anyMatch(line -> line.contains("stock: its target is away"));
            assertThat(health(sync).breaker().why()).contains("3 failures in a row");

            await().atMost(PATIENCE).until(() -> stock.failures().size() >= 3 + 4);
            stock.isAway = sku -> false;
            sync.awaitQuiet(PATIENCE);

            assertThat(stock.levels()).isEqualTo(all(20, 5));
            assertThat(sync.deadLetters().count(Selection.all())).isZero();
            assertThat(isIn(sync, BreakerHealth.State.CLOSED)).isTrue();
            assertThat(sync.health().isReady()).isTrue();
        }
        var failures = stock.failures();
        for (int i = 3; i < failures.size(); i++) {
            var last = failures.get(i - 1);
            var probe = failures.get(i);
            assertThat(probe.begin() - last.end())
                    .as("probe %d comes after the pause", i)
                    .isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS));
            assertThat(probe.sku()).isNotEqualTo(last.sku());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory:", "local:"})
    void s16_aTargetThatComesAndGoesGetsAllInOrderFromSeveralLanes(String uri) {
        var settings = Map.of(
                "handlers.stock.concurrency", "4",
                "handlers.stock.retry", "1ms 10ms",
                "handlers.stock.retry-later", "20ms",
                "handlers.stock.breaker", "3 keys 50% 5s",
                "handlers.stock.breaker-pause", "100ms");
        try (var sync = start(uri, settings)) {
            for (int round = 0; round < 3; round++) {
                stock.isAway = sku -> true;
                for (int number = 0; number < 10; number++) {
                    for (int key = 0; key < 30; key++) {
                        sync.publisher().publish(new Counted("k" + key, round * 10 + number));
                    }
                }
                await().atMost(PATIENCE).until(() -> !isIn(sync, BreakerHealth.State.CLOSED));
                stock.isAway = sku -> false;
                int least = round * 300 + 1;
                await().atMost(PATIENCE).until(() -> stock.applied() >= least);
            }
            sync.awaitQuiet(PATIENCE);
            await().atMost(PATIENCE).until(() -> stock.applied() == 900);

            assertThat(stock.levels()).isEqualTo(all(30, 30));
            assertThat(sync.deadLetters().count(Selection.all())).isZero();
            assertThat(isIn(sync, BreakerHealth.State.CLOSED)).isTrue();
        }
    }

    @Test
    void s10_aPoisonedKeyAmongManyStopsNobodyAndIsNotOvertaken() {
        var settings = Map.of(
                "handlers.stock.concurrency", "4",
                "handlers.stock.retry", "1ms 1ms",
                "handlers.stock.retry-later", "5ms");
        try (var sync = start("memory:", settings)) {
            stock.isAway = sku -> sku.equals("k7");
            publish(sync, 64, 30);
            await().atMost(PATIENCE).until(() -> stock.applied() == 63 * 30);

            var others = all(64, 30);
            others.remove("k7");
            assertThat(stock.levels()).isEqualTo(others);
            await().atMost(PATIENCE).until(() -> stock.failures().size() > 20);
            assertThat(isIn(sync, BreakerHealth.State.CLOSED))
                    .as("one key alone")
                    .isTrue();
            assertThat(health(sync).blockedKeys()).hasSize(1);

            stock.isAway = sku -> false;
            await().atMost(PATIENCE).until(() -> stock.applied() == 64 * 30);
            assertThat(stock.levels()).isEqualTo(all(64, 30));
        }
    }

    @Test
    void theBreakerCanBeSwitchedOff() {
        var settings = Map.of("handlers.stock.breaker", "off", "handlers.stock.retry", "1ms 1ms");
        try (var sync = start("memory:", settings)) {
            stock.isAway = sku -> true;
            publish(sync, 20, 1);
            await().atMost(PATIENCE).until(() -> stock.failures().size() >= 60);
            assertThat(isIn(sync, BreakerHealth.State.CLOSED)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory:", "local:"})
    void theBrakeHoldsAHandlerWhoseEventsCannotBeReadUntilAPersonResumesIt(String uri) throws Exception {
        var settings = Map.of(
                "handlers.stock.concurrency", "1",
                "handlers.stock.dead-letter-brake", "5 keys 5% 1m");
        try (var sync = start(uri, settings)) {
            stock.isMapperWrong = true;
            publish(sync, 50, 2);
            await().atMost(PATIENCE).until(() -> !health(sync).brake().isEmpty());

            assertThat(health(sync).brake()).contains("6 of 6 events cannot be read, last mapper.failed");
            assertThat(sync.health().isUp()).isFalse();
            assertThat(sync.health().isReady()).isFalse();
            assertThat(sync.health().problems()).anyMatch(line -> line.contains("Sync.resume(\"stock\")"));
            assertThat(sync.deadLetters().count(Selection.all())).isEqualTo(6);
            assertThat(stock.applied()).isZero();

            stock.isMapperWrong = false;
            sync.resume("stock");

            await().atMost(PATIENCE).until(() -> stock.applied() == 88);
            assertThat(sync.deadLetters().count(Selection.all()))
                    .as("what is dead stays dead")
                    .isEqualTo(6);
            assertThat(health(sync).brake()).isEmpty();

            sync.deadLetters()
                    .redrive(Selection.all(), Redrive.atMost(10))
                    .toCompletableFuture()
                    .get(20, TimeUnit.SECONDS);
            await().atMost(PATIENCE).until(() -> stock.applied() == 100);
            assertThat(stock.levels()).isEqualTo(all(50, 2));
        }
    }

    @Test
    void theBrakeIsReleasedByARestart() {
        var settings = Map.of(
                "handlers.stock.concurrency", "1",
                "handlers.stock.dead-letter-brake", "5 keys 5% 1m");
        try (var sync = start("local:", settings)) {
            stock.isMapperWrong = true;
            publish(sync, 50, 1);
            await().atMost(PATIENCE).until(() -> !health(sync).brake().isEmpty());
        }
        stock.isMapperWrong = false;
        try (var sync = start("local:", settings)) {
            await().atMost(PATIENCE).until(() -> stock.applied() == 44);
            assertThat(health(sync).brake()).isEmpty();
            assertThat(sync.deadLetters().count(Selection.all())).isEqualTo(6);
        }
    }

    @Test
    void theBrakeCanBeSwitchedOff() {
        try (var sync = start("memory:", Map.of("handlers.stock.dead-letter-brake", "off"))) {
            stock.isMapperWrong = true;
            publish(sync, 50, 1);
            await().atMost(PATIENCE).until(() -> sync.deadLetters().count(Selection.all()) == 50);
            assertThat(health(sync).brake()).isEmpty();
        }
    }
}
