package dev.syncline.testkit.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.syncline.api.Delivery;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.OnEvent;
import dev.syncline.api.SyncHandler;
import dev.syncline.runtime.Sync;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Attempts that run longer than they may (L8, S10, input 50), in the whole pipeline and with real threads. */
class TimeoutTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    Path directory;

    @EventType(value = "shop.order.placed", kind = EventType.Kind.DELTA)
    record Order(@EventKey String id, int number) {}

    /** Does as its test says with the first attempt at each of some keys. */
    @SyncHandler(value = "orders", concurrency = 1, retry = "10ms", retryLater = "10ms")
    static class Orders {

        final Map<String, CountDownLatch> ignores = new ConcurrentHashMap<>();
        final Map<String, CountDownLatch> heeds = new ConcurrentHashMap<>();
        final AtomicReference<Thread> deaf = new AtomicReference<>();
        final ConcurrentLinkedQueue<String> begun = new ConcurrentLinkedQueue<>();
        final ConcurrentLinkedQueue<String> done = new ConcurrentLinkedQueue<>();

        @OnEvent
        void on(Order order, Delivery delivery) throws InterruptedException {
            begun.add(order.id() + order.number() + "/" + delivery.attempt());
            var heeded = heeds.remove(order.id());
            if (heeded != null) {
                heeded.await();
            }
            var ignored = ignores.remove(order.id());
            if (ignored != null) {
                deaf.set(Thread.currentThread());
            }
            while (ignored != null && ignored.getCount() > 0) {
                try {
                    ignored.await();
                } catch (InterruptedException interrupted) {
                    // it goes on regardless
                }
            }
            done.add(order.id() + order.number());
        }
    }

    /** Answers with stages that the test completes. */
    @SyncHandler(value = "stages", concurrency = 1)
    static final class Stages {

        final Map<String, CompletableFuture<Void>> open = new ConcurrentHashMap<>();
        final ConcurrentLinkedQueue<String> begun = new ConcurrentLinkedQueue<>();

        @OnEvent
        CompletionStage<Void> on(Order order) {
            begun.add(order.id() + order.number());
            return open.getOrDefault(order.id() + order.number(), CompletableFuture.completedFuture(null));
        }
    }

    private Sync start(Object handler, String timeout) {
        return Sync.builder("test")
                .dataDirectory(directory)
                .broker("local:")
                .handlers(handler)
                .settings(Map.of("defaults.timeout", timeout, "close-deadline", "2s"))
                .start();
    }

    @Test
    void l8_aHandlerThatHeedsItsInterruptionHasFailedAndIsTriedAgain() {
        var orders = new Orders();
        orders.heeds.put("a", new CountDownLatch(1)); // never counted down
        try (var sync = start(orders, "200ms")) {
            sync.publisher().publish(new Order("a", 1));
            sync.awaitQuiet(PATIENCE);

            assertThat(orders.begun).containsExactly("a1/1", "a1/2");
            assertThat(orders.done).containsExactly("a1");
            assertThat(sync.health().isUp()).isTrue();
        }
    }

    @Test
    void l8_itsFailureIsCalledTimeout() {
        try (var sync = start(new Impatient(), "50ms")) {
            sync.publisher().publish(new Order("a", 1));

            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(
                                    sync.health().handlers().get("impatient").blockedKeys())
                            .singleElement()
                            .satisfies(blocked -> {
                                assertThat(blocked.code()).isEqualTo("timeout");
                                assertThat(blocked.reason()).contains("50ms").contains("InterruptedException");
                            }));
        }
    }

    @SyncHandler(value = "impatient", retry = "none", retryLater = "1h", rejectOn = InterruptedException.class)
    static final class Impatient {
        @OnEvent
        void on(Order order) throws InterruptedException {
            new CountDownLatch(1).await();
        }
    }

    @Test
    void l8_otherKeysOfTheLaneGoOnPastAHandlerThatIgnoresItsInterruption() {
        var orders = new Orders();
        var hang = new CountDownLatch(1);
        orders.ignores.put("a", hang);
        try (var sync = start(orders, "200ms")) {
            sync.publisher().publish(new Order("a", 1));
            sync.publisher().publish(new Order("a", 2));
            for (int i = 0; i < 20; i++) {
                sync.publisher().publish(new Order("b" + i, 1));
            }

            await().atMost(PATIENCE).until(() -> orders.done.size() == 20);
            assertThat(orders.begun).as("its key waits").doesNotContain("a2/1");
            var health = sync.health();
            assertThat(health.isUp()).isFalse();
            assertThat(health.problems())
                    .anySatisfy(problem -> assertThat(problem)
                            .contains("handler orders")
                            .contains("key=a")
                            .contains("timeout of 200 ms")
                            .contains("TimeoutTest$Orders.on"));

            hang.countDown();
            sync.awaitQuiet(PATIENCE);
            assertThat(orders.done).endsWith("a1", "a2").hasSize(22);
            assertThat(orders.begun).as("what it did in the end counts").doesNotContain("a1/2");
            await().atMost(PATIENCE).until(() -> sync.health().isUp());
            await("the thread that was left behind ends with its attempt")
                    .atMost(PATIENCE)
                    .until(() -> !orders.deaf.get().isAlive());
            // which number it has is the machine's to say: under load others are left behind, too
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(lanes()).hasSize(1));
            assertThat(sync.health().handlers().get("orders").inFlight())
                    .as("settled once")
                    .isZero();
        }
    }

    private static List<String> lanes() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("syncline-test-orders-lane"))
                .toList();
    }

    @Test
    void l8_aStageThatDoesNotCompleteStopsItsKeyOnly() {
        var stages = new Stages();
        var open = new CompletableFuture<Void>();
        stages.open.put("a1", open);
        try (var sync = start(stages, "200ms")) {
            sync.publisher().publish(new Order("a", 1));
            sync.publisher().publish(new Order("a", 2));
            sync.publisher().publish(new Order("b", 1));

            await().atMost(PATIENCE).until(() -> stages.begun.contains("b1"));
            assertThat(stages.begun).containsExactly("a1", "b1");
            assertThat(sync.health().isUp()).isFalse();

            open.complete(null);
            sync.awaitQuiet(PATIENCE);
            assertThat(stages.begun).containsExactly("a1", "b1", "a2");
            await().atMost(PATIENCE).until(() -> sync.health().isUp());
        }
    }

    @Test
    void s10_aParkedHeadThatHangsLeavesTheOthersAThread() {
        var hang = new CountDownLatch(1);
        var parked = new ParkedThenHangs(hang); // one lane, so one thread for parked heads
        try (var sync = start(parked, "200ms")) {
            sync.publisher().publish(new Order("a", 1));
            await().atMost(PATIENCE).until(() -> parked.hangs.getCount() == 0);
            sync.publisher().publish(new Order("b", 1));
            sync.publisher().publish(new Order("c", 1));

            await().atMost(PATIENCE).until(() -> parked.done.containsAll(List.of("b", "c")));
            assertThat(parked.done).doesNotContain("a");
            assertThat(sync.health().problems()).anyMatch(problem -> problem.contains("ParkedThenHangs.on"));

            hang.countDown();
            await().atMost(PATIENCE).until(() -> parked.done.contains("a"));
            await().atMost(PATIENCE).until(() -> sync.health().isUp());
        }
    }

    /** Every key fails in place once; a then hangs where parked heads are attempted. */
    @SyncHandler(value = "parked", concurrency = 1, retry = "none", retryLater = "10ms")
    static final class ParkedThenHangs {

        final CountDownLatch hangs = new CountDownLatch(1);
        final ConcurrentLinkedQueue<String> done = new ConcurrentLinkedQueue<>();
        private final CountDownLatch release;

        ParkedThenHangs(CountDownLatch release) {
            this.release = release;
        }

        @OnEvent
        void on(Order order, Delivery delivery) {
            if (delivery.attempt() == 1) {
                throw new IllegalStateException("to be parked");
            }
            while (order.id().equals("a") && release.getCount() > 0) {
                hangs.countDown();
                try {
                    release.await();
                } catch (InterruptedException deaf) {
                    // it goes on regardless
                }
            }
            done.add(order.id());
        }
    }

    @Test
    void s23_closeEndsInTimeThoughAnAttemptWasLeftBehind() {
        var orders = new Orders();
        var hang = new CountDownLatch(1);
        orders.ignores.put("a", hang);
        var sync = start(orders, "100ms");
        sync.publisher().publish(new Order("a", 1));
        sync.publisher().publish(new Order("b", 1));
        await().atMost(PATIENCE).until(() -> orders.done.contains("b1"));

        long begin = System.nanoTime();
        sync.close();
        var took = Duration.ofNanos(System.nanoTime() - begin);

        assertThat(took).isLessThan(Duration.ofSeconds(2 + 1 + 10)); // budget, bound, and a loaded machine
        hang.countDown();

        // it was not settled: it comes again
        var again = new Orders();
        try (var next = start(again, "5m")) {
            next.awaitQuiet(PATIENCE);
            assertThat(again.done).containsExactly("a1");
        }
    }

    @Test
    void anAttemptMayRunForeverWithoutATimeout() throws InterruptedException {
        var orders = new Orders();
        var hang = new CountDownLatch(1);
        orders.heeds.put("a", hang);
        try (var sync = start(orders, "none")) {
            sync.publisher().publish(new Order("a", 1));
            await().atMost(PATIENCE).until(() -> orders.begun.size() == 1);
            assertThat(Thread.getAllStackTraces().keySet())
                    .noneMatch(thread -> thread.getName().equals("syncline-test-watch"));
            hang.countDown();
            sync.awaitQuiet(PATIENCE);
            assertThat(orders.begun).containsExactly("a1/1");
        }
        assertThat(hang.await(0, TimeUnit.SECONDS)).isTrue();
    }
}
