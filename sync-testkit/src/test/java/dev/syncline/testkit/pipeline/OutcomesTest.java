package dev.syncline.testkit.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.syncline.api.Delivery;
import dev.syncline.api.Event;
import dev.syncline.api.EventHandler;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.OnEvent;
import dev.syncline.api.Outcome;
import dev.syncline.api.SyncHandler;
import dev.syncline.runtime.DeadLetter;
import dev.syncline.runtime.DeadLetters.Selection;
import dev.syncline.runtime.Health.HandlerHealth;
import dev.syncline.runtime.Sync;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Defect.RawHeader;
import dev.syncline.spi.TopicPartition;
import dev.syncline.testkit.InMemoryBroker;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of an event by what its handler answers or throws, from publish to acknowledgement. */
class OutcomesTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private final Map<String, EventHandler<Order>> answers = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<String> attempts = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> shipped = new ConcurrentLinkedQueue<>();

    @EventType(value = "order.placed", kind = EventType.Kind.DELTA)
    record Order(@EventKey String id, int number) {}

    @EventType(value = "parcel.shipped", kind = EventType.Kind.DELTA)
    record Shipped(@EventKey String id) {}

    /** A lambda handler, whose policy comes from settings. */
    private Sync start(Map<String, String> policy) {
        var settings = new HashMap<String, String>();
        settings.put("handlers.orders.concurrency", "1");
        settings.put("handlers.orders.retry", "1ms 1ms");
        settings.put("handlers.orders.retry-later", "none");
        settings.put("close-deadline", "1s"); // some wait for years
        policy.forEach((property, value) -> settings.put("handlers.orders." + property, value));
        return Sync.builder("test")
                .dataDirectory(directory)
                .broker("local:")
                .settings(settings)
                .handler("orders", Order.class, (event, delivery) -> {
                    attempts.add(event.key() + event.payload().number() + " " + delivery.attempt());
                    return answers.getOrDefault(event.key(), (e, d) -> Outcome.done())
                            .handle(event, delivery);
                })
                .handler("parcels", Shipped.class, (event, delivery) -> {
                    shipped.add(event.key());
                    return Outcome.done();
                })
                .start();
    }

    private static HandlerHealth health(Sync sync, String handler) {
        return sync.health().handlers().get(handler);
    }

    private static void publish(Sync sync, String id, int... numbers) {
        for (int number : numbers) {
            sync.publisher().publish(new Order(id, number));
        }
    }

    private static List<DeadLetter> dead(Sync sync, int number) {
        await().atMost(PATIENCE).until(() -> sync.deadLetters().count(Selection.all()) == number);
        return sync.deadLetters().list(Selection.all(), null, 100);
    }

    @Nested
    class AnAnswer {

        @Test
        void ofDoneSettlesTheEvent() {
            try (var sync = start(Map.of())) {
                publish(sync, "a", 1, 2);
                sync.awaitQuiet(PATIENCE);
                assertThat(attempts).containsExactly("a1 1", "a2 1");
                assertThat(health(sync, "orders").skipped()).isEmpty();
            }
        }

        @Test
        void ofPublishSettlesItAndItsEventsFollow() {
            answers.put("a", (event, delivery) -> Outcome.publish(new Shipped("p1"), new Shipped("p2")));
            try (var sync = start(Map.of())) {
                publish(sync, "a", 1);
                await().atMost(PATIENCE).until(() -> shipped.size() == 2);
                assertThat(shipped).containsExactlyInAnyOrder("p1", "p2");
            }
        }

        @ParameterizedTest
        @ValueSource(booleans = {false, true})
        void ofSkipSettlesItAndIsCounted(boolean isThrown) {
            answers.put("a", answer(Outcome.skip("not ours"), isThrown));
            try (var sync = start(Map.of())) {
                publish(sync, "a", 1, 2);
                publish(sync, "b", 1);
                sync.awaitQuiet(PATIENCE);
                assertThat(attempts).hasSize(3);
                assertThat(health(sync, "orders").skipped()).isEqualTo(Map.of("skip", 2L));
            }
        }

        @ParameterizedTest
        @ValueSource(booleans = {false, true})
        void ofRejectIsADeadLetterAtOnceAndItsKeyWaits(boolean isThrown) {
            answers.put("a", answer(Outcome.reject("no such customer"), isThrown));
            try (var sync = start(Map.of())) {
                publish(sync, "a", 1, 2);
                publish(sync, "b", 1);
                var letter = dead(sync, 1).get(0);
                await().atMost(PATIENCE).until(() -> attempts.contains("b1 1"));

                assertThat(letter.code()).isEqualTo("rejected");
                assertThat(letter.reason()).contains("no such customer");
                assertThat(attempts).containsExactlyInAnyOrder("a1 1", "b1 1");
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"PT-1S", "PT0S"})
        void input52_ofRetryAfterNoTimeWaitsAsThePolicySaysAndSpendsAttempts(String delay) {
            answers.put("a", answer(Outcome.retryAfter(Duration.parse(delay), "busy"), false));
            try (var sync = start(Map.of())) {
                publish(sync, "a", 1);
                var letter = dead(sync, 1).get(0);
                assertThat(letter.code()).isEqualTo("retry.after");
                assertThat(attempts).containsExactly("a1 1", "a1 2", "a1 3");
            }
        }

        @ParameterizedTest
        @ValueSource(booleans = {false, true})
        void input52_ofRetryAfterTenYearsWaitsAndTheOthersGoOn(boolean isThrown) {
            answers.put("a", answer(Outcome.retryAfter(Duration.ofDays(3650), "later"), isThrown));
            try (var sync = start(Map.of())) {
                publish(sync, "a", 1, 2);
                publish(sync, "b", 1);
                await().atMost(PATIENCE).until(() -> attempts.contains("b1 1"));
                assertThat(attempts).containsExactlyInAnyOrder("a1 1", "b1 1");
                assertThat(sync.deadLetters().count(Selection.all())).isZero();
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"PT-1S", "PT0S"})
        void input52_ofHoldForNoTimeIsAskedAgainNowAndThenAndSpendsNothing(String delay) {
            var begins = new ConcurrentLinkedQueue<Long>();
            answers.put("a", (event, delivery) -> {
                begins.add(System.nanoTime());
                return begins.size() < 6 ? Outcome.hold(Duration.parse(delay), "away") : Outcome.done();
            });
            try (var sync = start(Map.of())) {
                publish(sync, "a", 1);
                sync.awaitQuiet(PATIENCE);
                assertThat(attempts).hasSize(6).allMatch("a1 1"::equals);
            }
            var times = List.copyOf(begins);
            assertThat(times.get(5) - times.get(0)).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(500));
        }

        @ParameterizedTest
        @ValueSource(booleans = {false, true})
        void input52_ofHoldForTenYearsStopsTheHandlerUntilAPersonResumesIt(boolean isThrown) {
            answers.put("a", answer(Outcome.hold(Duration.ofDays(3650), "away"), isThrown));
            try (var sync = start(Map.of())) {
                publish(sync, "a", 1);
                await().atMost(PATIENCE).until(() -> attempts.size() == 1);
                publish(sync, "b", 1);
                publish(sync, "parcel", 1);
                sync.publisher().publish(new Shipped("p"));
                await().atMost(PATIENCE).until(() -> shipped.contains("p")); // another handler goes on
                assertThat(attempts).containsExactly("a1 1");

                sync.resume("orders");
                await().atMost(PATIENCE).until(() -> attempts.contains("b1 1"));
                assertThat(sync.deadLetters().count(Selection.all())).isZero();
            }
        }

        private EventHandler<Order> answer(Outcome outcome, boolean isThrown) {
            return (event, delivery) -> {
                if (isThrown) {
                    throw outcome.asException();
                }
                return outcome;
            };
        }
    }

    @Nested
    class AnException {

        private EventHandler<Order> throwing(Exception thrown) {
            return (event, delivery) -> {
                throw thrown;
            };
        }

        @Test
        void isRetriedAndThenADeadLetter() {
            answers.put("a", throwing(new IOException("no route")));
            try (var sync = start(Map.of())) {
                publish(sync, "a", 1);
                assertThat(dead(sync, 1).get(0).code()).isEqualTo("handler.failed");
                assertThat(attempts).containsExactly("a1 1", "a1 2", "a1 3");
            }
        }

        @Test
        void isRejectedOrHeldBySettingsAndTheNearestClassCounts() {
            answers.put("rejected", throwing(new IOException("garbage")));
            answers.put("retried", throwing(new IllegalStateException("hm")));
            answers.put("held", throwing(new ConnectException("refused")));
            try (var sync = start(Map.of("reject-on", "java.io.IOException", "hold-on", "java.net.ConnectException"))) {
                publish(sync, "rejected", 1);
                publish(sync, "retried", 1);
                assertThat(dead(sync, 2))
                        .extracting(DeadLetter::code)
                        .containsExactlyInAnyOrder("reject.on", "handler.failed");
                publish(sync, "held", 1);
                await().atMost(PATIENCE).until(() -> attempts.contains("held1 1"));
                publish(sync, "behind", 1);
                sync.publisher().publish(new Shipped("p"));
                await().atMost(PATIENCE).until(() -> shipped.contains("p"));

                assertThat(attempts)
                        .containsExactlyInAnyOrder("rejected1 1", "retried1 1", "retried1 2", "retried1 3", "held1 1");
                assertThat(sync.describe())
                        .contains(
                                "throws IOException → a dead letter at once (handlers.orders.reject-on)",
                                "throws ConnectException → held: intake pauses, no attempt is spent"
                                        + " (handlers.orders.hold-on)",
                                "throws ContractException → a dead letter at once (built-in)",
                                "throws anything else → retried, then a dead letter (built-in)");
            }
        }
    }

    @SyncHandler(value = "erp", target = "erp", modes = Delivery.Mode.LIVE, rejectOn = IOException.class)
    final class ToErp {
        @OnEvent("order.*")
        void on(Order order) throws IOException {
            attempts.add("erp " + order.id());
            if (order.id().equals("missing")) {
                throw new FileNotFoundException(order.id());
            }
        }
    }

    @Test
    void whatCameFromTheTargetIsNoNewsToItAndCounted() {
        var memory = new InMemoryBroker();
        memory.createTopic("order", 1);
        storeBackfilled(memory);
        try (var sync = Sync.builder("test")
                .dataDirectory(directory)
                .broker(memory, "memory:")
                .handlers(new ToErp())
                .start()) {
            sync.publisher().publish(Event.of(new Order("echo", 1)).withOrigin("erp"));
            sync.publisher().publish(Event.of(new Order("news", 1)).withOrigin("shop"));
            sync.awaitQuiet(PATIENCE);

            assertThat(attempts).containsExactly("erp news");
            assertThat(health(sync, "erp").skipped()).isEqualTo(Map.of("echo", 1L, "mode", 1L));

            publish(sync, "missing", 1);
            assertThat(dead(sync, 1).get(0).code()).isEqualTo("reject.on");
        }
    }

    private static void storeBackfilled(InMemoryBroker memory) {
        var headers = new ArrayList<RawHeader>();
        Map.of(
                        "ce_specversion", "1.0",
                        "ce_id", "1",
                        "ce_source", "shop",
                        "ce_type", "order.placed",
                        "ce_partitionkey", "old",
                        "ce_mode", "backfill",
                        "content-type", "application/json")
                .forEach((name, value) -> headers.add(new RawHeader(name, bytes(value))));
        memory.store(new TopicPartition("order", 0), bytes("old"), headers, bytes("{\"id\":\"old\",\"number\":1}"));
    }

    private static Bytes bytes(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void typesThatNoMethodTakesAreCountedByName() {
        try (var sync = start(Map.of())) {
            sync.publisher()
                    .publish(Event.of("order.cancelled", Map.of("why", "too late"))
                            .withKey("a"));
            publish(sync, "a", 1);
            sync.awaitQuiet(PATIENCE);

            assertThat(attempts).containsExactly("a1 1");
            assertThat(health(sync, "orders").skipped()).isEqualTo(Map.of("unhandled.type order.cancelled", 1L));
        }
    }
}
