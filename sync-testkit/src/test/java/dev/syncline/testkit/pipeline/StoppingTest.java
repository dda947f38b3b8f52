package dev.syncline.testkit.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.syncline.api.Delivery;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.OnEvent;
import dev.syncline.api.Outcome;
import dev.syncline.api.SyncHandler;
import dev.syncline.runtime.Health.BlockedKey;
import dev.syncline.runtime.Sync;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A graceful stop waits for what runs, and for nothing else (S23). */
class StoppingTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** So long that a stop which waits for it fails by it, on however loaded a machine. */
    private static final Duration DEADLINE = Duration.ofMinutes(5);

    private static final Duration SOON = Duration.ofMinutes(1);

    @TempDir
    Path directory;

    private final Map<String, Outcome> answers = new ConcurrentHashMap<>();
    private final Queue<String> attempts = new ConcurrentLinkedQueue<>();
    private final Queue<String> done = new ConcurrentLinkedQueue<>();
    private final CountDownLatch running = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);

    @EventType("shop.order")
    record Order(@EventKey String id, int number) {}

    @SyncHandler(value = "orders", deletes = SyncHandler.Deletes.IGNORE)
    final class Orders {
        @OnEvent("shop.order")
        Outcome on(Order order, Delivery delivery) throws InterruptedException {
            var name = order.id() + order.number();
            attempts.add(name + "/" + delivery.attempt());
            if (order.id().equals("slow")) {
                running.countDown();
                release.await();
            }
            var answer = answers.get(order.id());
            if (answer == null) {
                done.add(name);
                return Outcome.done();
            }
            return answer;
        }
    }

    private Sync start() {
        return Sync.builder("test")
                .dataDirectory(directory)
                .broker("local:")
                .settings(Map.of(
                        "close-deadline", DEADLINE.toMinutes() + "m",
                        "handlers.orders.retry", "1h",
                        "handlers.orders.concurrency", "2"))
                .handlers(new Orders())
                .start();
    }

    private static void publish(Sync sync, String key, int... numbers) {
        for (int number : numbers) {
            sync.publisher().publish(new Order(key, number));
        }
    }

    private void awaitAttempts(int number) {
        await().atMost(PATIENCE).until(() -> attempts.size() >= number);
    }

    private static Duration closing(Sync sync) {
        long begin = System.nanoTime();
        sync.close();
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    @Test
    void s23_doesNotWaitForAKeyThatWaitsForItsNextAttemptWhichComesAgain() {
        answers.put("held", Outcome.retryAfter(Duration.ofMinutes(30), "not yet"));
        var sync = start();
        publish(sync, "held", 1, 2);
        publish(sync, "fine", 1);
        awaitAttempts(2);
        await().atMost(PATIENCE).until(() -> !done.isEmpty());

        assertThat(closing(sync)).isLessThan(SOON);

        answers.clear();
        try (var again = start()) {
            again.awaitQuiet(PATIENCE);
            assertThat(done).as("what was done is not repeated").containsExactly("fine1", "held1", "held2");
        }
    }

    @Test
    void s23_doesNotWaitForATargetThatIsAway() {
        answers.put("a", Outcome.hold(Duration.ofHours(1), "closed until tomorrow"));
        var sync = start();
        publish(sync, "a", 1);
        awaitAttempts(1);
        for (int n = 0; n < 50; n++) {
            publish(sync, "k" + n, 1);
        }

        assertThat(closing(sync)).isLessThan(SOON);

        answers.clear();
        try (var again = start()) {
            again.awaitQuiet(PATIENCE);
            assertThat(done).hasSize(51).doesNotHaveDuplicates();
        }
    }

    @Test
    void s23_waitsForWhatRunsAndForWhatLanesHave() throws Exception {
        var sync = start();
        publish(sync, "slow", 1);
        assertThat(running.await(20, TimeUnit.SECONDS)).isTrue();
        publish(sync, "slow", 2);
        publish(sync, "slow", 3);
        await().atMost(PATIENCE)
                .until(() -> sync.health().handlers().get("orders").inFlight() == 3);
        var closing = new Thread(sync::close);
        closing.start();

        release.countDown();
        closing.join(PATIENCE.toMillis());

        assertThat(closing.isAlive()).isFalse();
        assertThat(done).containsExactly("slow1", "slow2", "slow3");
        try (var again = start()) {
            again.awaitQuiet(PATIENCE);
            assertThat(done).as("nothing is repeated").hasSize(3);
        }
    }

    /** A day in memory would hold back its partition, and be forgotten by a restart. */
    @Test
    void s15_aLongRetryAfterParksItsKeyAndItsCountSurvivesARestart() {
        answers.put("a", Outcome.retryAfter(Duration.ofDays(1), "tomorrow"));
        try (var sync = start()) {
            publish(sync, "a", 1, 2);
            await().atMost(PATIENCE).until(() -> blocked(sync).size() == 1);
            sync.awaitQuiet(PATIENCE);
            assertThat(sync.health().handlers().get("orders").inFlight()).isZero();
            assertThat(blocked(sync)).extracting(BlockedKey::key).containsExactly("a");
        }
        try (var sync = start()) {
            publish(sync, "b", 1);
            sync.awaitQuiet(PATIENCE);
            assertThat(blocked(sync)).extracting(BlockedKey::attempts).containsExactly(1);
            assertThat(attempts).as("it is due tomorrow").containsExactly("a1/1", "b1/1");
        }
    }

    private static List<BlockedKey> blocked(Sync sync) {
        return sync.health().handlers().get("orders").blockedKeys();
    }
}
