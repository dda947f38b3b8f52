package dev.syncline.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.syncline.api.Delivery;
import dev.syncline.api.Event;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.Outcome;
import dev.syncline.runtime.Sync;
import dev.syncline.testkit.server.RealRedis;
import dev.syncline.testkit.server.RedisServer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Redis that keeps nothing dies, and comes back empty: what a person does then, step by step, as docs/redis.md says. */
class EmptiedServerTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int KEYS = 20;
    private static final int PARTITIONS = 8;

    @RealRedis(
            exclusive = true,
            config = {"appendonly=no", "appendfsync=no", "save="})
    static RedisServer redis;

    @TempDir
    Path directory;

    @BeforeEach
    void empty() {
        redis.command("FLUSHALL");
    }

    private final Map<String, List<Integer>> applied = new ConcurrentHashMap<>();
    private int published;

    @EventType("catalog.product.changed")
    record Product(@EventKey String sku, int number) {}

    @Test
    void s26_nothingIsLostAndNothingAppliedTwiceAfterARewind() {
        var began = Instant.now();
        try (var sync = start()) {
            publish(sync, 300);
            sync.awaitQuiet(PATIENCE);
            sync.pause("shop");
            publish(sync, 300); // confirmed by Redis, and read by nobody
            await().atMost(PATIENCE).until(() -> sync.health().outbox().unshipped() == 0);

            redis.kill();
            publish(sync, 50);
            redis.restart();

            // it stands still by itself, and says why: the topics are gone
            await().atMost(PATIENCE)
                    .until(() -> sync.health().problems().stream()
                            .anyMatch(problem ->
                                    problem.contains("catalog.product on broker") && problem.contains("exist")));
            // 1. rewind, before there are topics that take new events
            var rewound = sync.rewind("default", began);
            assertThat(rewound.isComplete()).isTrue();
            assertThat(rewound.events()).isEqualTo(600);
            // 2. stop all that read from it
        }
        // 3. start: this makes the topics anew
        try (var sync = start()) {
            sync.awaitQuiet(PATIENCE);
            publish(sync, 50);
            sync.awaitQuiet(PATIENCE);

            assertThat(sync.health().problems()).isEmpty();
            assertThat(sync.health().handlers().get("shop").duplicates()).isEqualTo(300);
        }
        assertThat(applied).hasSize(KEYS);
        applied.forEach((key, numbers) ->
                assertThat(numbers).as("events of %s", key).containsExactlyElementsOf(numbersOf(key)));
    }

    /** Another program makes the topics at once, while ours are at work: they ship again by themselves, handlers stop. */
    @Test
    void s26_whereTopicsAreMadeAnewUnderItTheRelayShipsAgainByItself() {
        try (var sync = start()) {
            publish(sync, 300);
            sync.awaitQuiet(PATIENCE);
            sync.pause("shop");
            publish(sync, 300);
            await().atMost(PATIENCE).until(() -> sync.health().outbox().unshipped() == 0);

            redis.kill();
            redis.restart();
            makeTopic();
            publish(sync, 50);
            await().atMost(PATIENCE).until(() -> stored() >= 650);
            await().atMost(PATIENCE)
                    .until(() ->
                            sync.health().problems().stream().anyMatch(problem -> problem.contains("data is missing")));
        }
        // let the group begin anew
        for (int partition = 0; partition < PARTITIONS; partition++) {
            var stream = "{catalog.product:" + partition + "}";
            if (Objects.equals(
                    redis.command("EXISTS", stream), 1L)) { // no stream: nothing came to it, and no group looked
                redis.command("XGROUP", "DESTROY", stream, "test.shop");
            }
            redis.command("DEL", stream + ":group:test.shop");
        }
        try (var sync = start()) {
            sync.awaitQuiet(PATIENCE);
        }
        assertThat(applied).hasSize(KEYS);
        applied.forEach((key, numbers) ->
                assertThat(numbers).as("events of %s", key).containsExactlyElementsOf(numbersOf(key)));
    }

    private static void makeTopic() {
        try (var another = Rig.open(
                redis.uri(), Map.of("topics.create", "true", "topics.partitions", String.valueOf(PARTITIONS)))) {
            another.check(Set.of("catalog.product"), Set.of(), "", PATIENCE);
        }
    }

    private static long stored() {
        long stored = 0;
        for (int partition = 0; partition < PARTITIONS; partition++) {
            stored += (Long) Objects.requireNonNull(redis.command("XLEN", "{catalog.product:" + partition + "}"));
        }
        return stored;
    }

    private Sync start() {
        return Sync.builder("test")
                .dataDirectory(directory)
                .broker(
                        "default",
                        redis.uri() + "?lease.time=2s",
                        Map.of("topics.create", "true", "topics.partitions", String.valueOf(PARTITIONS)))
                .settings(Map.of("close-deadline", "1s"))
                .handler("shop", Product.class, this::apply)
                .start();
    }

    private Outcome apply(Event<Product> event, Delivery delivery) {
        applied.computeIfAbsent(event.key(), key -> new CopyOnWriteArrayList<>())
                .add(event.payload().number());
        return Outcome.done();
    }

    private void publish(Sync sync, int count) {
        for (int i = 0; i < count; i++, published++) {
            sync.publisher().publish(new Product("p" + published % KEYS, published));
        }
    }

    private List<Integer> numbersOf(String key) {
        return IntStream.range(0, published)
                .filter(number -> key.equals("p" + number % KEYS))
                .boxed()
                .toList();
    }
}
