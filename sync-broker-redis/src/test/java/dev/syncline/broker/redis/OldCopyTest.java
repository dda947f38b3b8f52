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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A Redis comes back as it was a while ago: restored from a copy, or a replica took over that lacked what its master had
 * confirmed. What a person does then, step by step, as docs/redis.md says.
 */
class OldCopyTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int KEYS = 20;
    private static final int PARTITIONS = 8;

    @RealRedis(
            exclusive = true,
            config = {"appendonly=no", "appendfsync=no", "save="})
    static RedisServer redis;

    @TempDir
    Path directory;

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
            redis.command("SAVE"); // as far as the replica came
            publish(sync, 200);
            sync.awaitQuiet(PATIENCE);
            sync.pause("shop");
            publish(sync, 200); // confirmed, and read by nobody
            await().atMost(PATIENCE).until(() -> sync.health().outbox().unshipped() == 0);

            redis.kill();
            // 1. before it takes new events: rewind
            assertThat(sync.rewind("default", began).events()).isEqualTo(700);
            publish(sync, 100);
            redis.restart();
            await().atMost(PATIENCE).until(() -> sync.health().outbox().unshipped() == 0);
            // 2. stop all that read from it
        }
        // 3. let the group begin anew, and start
        for (int partition = 0; partition < PARTITIONS; partition++) {
            var stream = "{catalog.product:" + partition + "}";
            redis.command("XGROUP", "DESTROY", stream, "test.shop");
            redis.command("DEL", stream + ":group:test.shop");
        }
        try (var sync = start()) {
            publish(sync, 50);
            sync.awaitQuiet(PATIENCE);

            assertThat(sync.health().problems()).isEmpty();
            assertThat(sync.health().handlers().get("shop").duplicates())
                    .as("those of the copy, and those that were applied before and came again")
                    .isEqualTo(300 + 500);
        }
        assertThat(applied).hasSize(KEYS);
        applied.forEach((key, numbers) ->
                assertThat(numbers).as("events of %s", key).containsExactlyElementsOf(numbersOf(key)));
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
