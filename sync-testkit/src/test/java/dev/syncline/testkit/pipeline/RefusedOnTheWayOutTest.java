package dev.syncline.testkit.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.Outcome;
import dev.syncline.runtime.DeadLetter;
import dev.syncline.runtime.DeadLetters.Selection;
import dev.syncline.runtime.Sync;
import dev.syncline.testkit.InMemoryBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a broker refuses for good, and what people do with it. */
class RefusedOnTheWayOutTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Selection ON_THE_WAY_OUT = Selection.all().ofHandler("relay:default");

    @TempDir
    Path directory;

    private final InMemoryBroker memory =
            InMemoryBroker.builder().maxMessageBytes(2_000).build();
    private final Queue<String> applied = new ConcurrentLinkedQueue<>();

    @EventType("catalog.product.changed")
    record Product(@EventKey String sku, int number, String text) {}

    RefusedOnTheWayOutTest() {
        memory.createTopic("catalog.product", 1);
    }

    private Sync start() {
        return Sync.builder("test")
                .dataDirectory(directory)
                .broker(memory, "memory:")
                .handler("shop", Product.class, (event, delivery) -> {
                    applied.add(event.key() + event.payload().number());
                    return Outcome.done();
                })
                .start();
    }

    private static void publish(Sync sync, String key, int number, int size) {
        sync.publisher().publish(new Product(key, number, "x".repeat(size)));
    }

    private static List<DeadLetter> letters(Sync sync) {
        return sync.deadLetters().list(ON_THE_WAY_OUT, null, 100);
    }

    @Test
    void input31_skippedItLetsTheRestOfItsKeyGo() throws Exception {
        try (var sync = start()) {
            publish(sync, "a", 1, 10_000);
            publish(sync, "a", 2, 10);
            publish(sync, "b", 1, 10);
            sync.awaitQuiet(PATIENCE);
            assertThat(applied).containsExactly("b1");
            assertThat(sync.health().isUp()).isFalse();
        }
        try (var sync = start()) {
            assertThat(letters(sync)).hasSize(1);
            publish(sync, "a", 3, 10);

            assertThat(sync.deadLetters()
                            .skip(letters(sync).get(0), "me", "too large")
                            .toCompletableFuture()
                            .get(30, TimeUnit.SECONDS))
                    .isTrue();

            await().atMost(PATIENCE).until(() -> applied.size() == 3);
            assertThat(applied).containsExactly("b1", "a2", "a3");
            await().atMost(PATIENCE).until(() -> sync.health().isUp());
            assertThat(letters(sync)).isEmpty();
        }
    }

    @Test
    void input31_droppedItTakesTheRestOfItsKeyAlong() throws Exception {
        try (var sync = start()) {
            publish(sync, "a", 1, 10_000);
            publish(sync, "a", 2, 10);
            sync.awaitQuiet(PATIENCE);

            assertThat(sync.deadLetters()
                            .drop(letters(sync).get(0), "me", "test data")
                            .toCompletableFuture()
                            .get(30, TimeUnit.SECONDS))
                    .isEqualTo(2);
            publish(sync, "a", 3, 10);
            sync.awaitQuiet(PATIENCE);

            assertThat(applied).containsExactly("a3");
            assertThat(sync.health().problems()).isEmpty();
        }
    }

    @Test
    void input31_handedInAgainWhileNothingIsMendedItIsDeadAgain() throws Exception {
        try (var sync = start()) {
            publish(sync, "a", 1, 10_000);
            sync.awaitQuiet(PATIENCE);

            sync.deadLetters()
                    .redrive(letters(sync).get(0))
                    .toCompletableFuture()
                    .get(30, TimeUnit.SECONDS);

            await().atMost(PATIENCE).until(() -> letters(sync).stream().anyMatch(letter -> letter.redrives() == 1));
            assertThat(applied).isEmpty();
        }
    }
}
