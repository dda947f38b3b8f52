package dev.syncline.testkit.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.syncline.api.Delivery;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.MapsTo;
import dev.syncline.api.OnEvent;
import dev.syncline.api.Outcome;
import dev.syncline.api.SyncHandler;
import dev.syncline.runtime.DeadLetter;
import dev.syncline.runtime.DeadLetters.Redrive;
import dev.syncline.runtime.DeadLetters.Selection;
import dev.syncline.runtime.Sync;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Defect.RawHeader;
import dev.syncline.spi.TopicPartition;
import dev.syncline.testkit.InMemoryBroker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person can do about events that no attempt could handle. */
class DeadLettersTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private final Queue<String> handled = new ConcurrentLinkedQueue<>();
    private final Set<String> refused = ConcurrentHashMap.newKeySet();
    private final Set<String> unmappable = ConcurrentHashMap.newKeySet();

    @EventType(value = "order.placed", kind = EventType.Kind.DELTA)
    record Placed(@EventKey String order, int number) {}

    record Parcel(String order, int number) {}

    @SyncHandler(value = "warehouse", modes = Delivery.Mode.LIVE)
    final class Warehouse {
        @MapsTo
        Parcel parcel(Placed placed) {
            if (unmappable.contains(placed.order())) {
                throw new IllegalArgumentException("no such shelf");
            }
            return new Parcel(placed.order(), placed.number());
        }

        @OnEvent("order.placed")
        Outcome on(Parcel parcel, Delivery delivery) {
            if (refused.contains(parcel.order())) {
                return Outcome.reject("unknown order");
            }
            handled.add(parcel.order() + parcel.number() + " " + delivery.mode());
            return Outcome.done();
        }
    }

    private Sync start() {
        return Sync.builder("test")
                .dataDirectory(directory)
                .broker("local:")
                .handlers(new Warehouse())
                .start();
    }

    private static void publish(Sync sync, String order, int... numbers) {
        for (int number : numbers) {
            sync.publisher().publish(new Placed(order, number));
        }
    }

    /** Waits for as many, with all of their successors behind them. */
    private static List<DeadLetter> dead(Sync sync, int number, int behindEach) {
        await().atMost(PATIENCE).until(() -> {
            var letters = sync.deadLetters().list(Selection.all(), null, 100);
            return letters.size() == number
                    && letters.stream().allMatch(letter -> letter.lettersBehind() == behindEach);
        });
        return sync.deadLetters().list(Selection.all(), null, 100);
    }

    private static <T> T get(CompletionStage<T> answer) throws Exception {
        return answer.toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    @Test
    void aDeadLetterSaysWhatItIsAndWhatWaitsForItAlsoAfterARestart() {
        refused.add("a");
        try (var sync = start()) {
            publish(sync, "a", 1, 2, 3);
            var letter = dead(sync, 1, 2).get(0);

            assertThat(letter.handler()).isEqualTo("warehouse");
            assertThat(letter.topic()).isEqualTo("order");
            assertThat(letter.key()).isEqualTo("a");
            assertThat(letter.type()).isEqualTo("order.placed");
            assertThat(letter.code()).isEqualTo("rejected");
            assertThat(letter.reason()).contains("unknown order");
            assertThat(letter.attempts()).isEqualTo(1);
        }
        try (var sync = start()) {
            assertThat(dead(sync, 1, 2)).extracting(DeadLetter::key).containsExactly("a");
            assertThat(sync.deadLetters().count(Selection.all().withCode("rejected")))
                    .isEqualTo(1);
            assertThat(sync.deadLetters().count(Selection.all().ofHandler("another")))
                    .isZero();
        }
    }

    @Test
    void s12_aRedriveHandlesTheKeyInOrderAndALiveEventGoesBehind() throws Exception {
        refused.add("a");
        try (var sync = start()) {
            publish(sync, "a", 1, 2);
            var letter = dead(sync, 1, 1).get(0);
            refused.clear();
            publish(sync, "a", 3);
            dead(sync, 1, 2);

            assertThat(get(sync.deadLetters().redrive(letter))).isTrue();
            await().atMost(PATIENCE).until(() -> handled.size() == 3);
            publish(sync, "a", 4);
            await().atMost(PATIENCE).until(() -> handled.size() == 4);

            assertThat(handled).containsExactly("a1 REDRIVE", "a2 LIVE", "a3 LIVE", "a4 LIVE");
            assertThat(get(sync.deadLetters().redrive(letter)))
                    .as("a second time it finds nothing")
                    .isFalse();
            await().atMost(PATIENCE).until(() -> sync.health().isUp());
        }
    }

    @Test
    void aSkippedOneIsGivenUpAloneADroppedOneWithAllBehindIt() throws Exception {
        refused.addAll(Set.of("a", "b"));
        try (var sync = start()) {
            publish(sync, "a", 1, 2);
            publish(sync, "b", 1, 2);
            var letters = dead(sync, 2, 1);
            refused.clear();
            for (var letter : letters) {
                if (letter.key().equals("a")) {
                    assertThat(get(sync.deadLetters().skip(letter, "me", "not wanted any more")))
                            .isTrue();
                } else {
                    assertThat(get(sync.deadLetters().drop(letter, "me", "a test customer")))
                            .isEqualTo(2);
                }
            }
            await().atMost(PATIENCE).until(() -> !handled.isEmpty());
            publish(sync, "b", 3);
            await().atMost(PATIENCE).until(() -> handled.size() == 2);

            assertThat(handled).containsExactly("a2 LIVE", "b3 LIVE");
            assertThat(sync.deadLetters().count(Selection.all())).isZero();
        }
        try (var sync = start()) {
            sync.awaitQuiet(PATIENCE);
            assertThat(sync.deadLetters().count(Selection.all()))
                    .as("what was given up does not come back")
                    .isZero();
            assertThat(handled).hasSize(2);
        }
    }

    @Test
    void aRedriveOfManyLeavesWhatStillCannotBeHandledAndSaysWhy() throws Exception {
        unmappable.addAll(Set.of("a", "b", "c"));
        try (var sync = start()) {
            for (var order : List.of("a", "b", "c")) {
                publish(sync, order, 1);
            }
            dead(sync, 3, 0);
            unmappable.remove("a");
            unmappable.remove("b");

            var dryRun = get(sync.deadLetters().redrive(Selection.all(), Redrive.dryRun()));
            assertThat(dryRun.selected()).isEqualTo(3);
            assertThat(dryRun.handedIn()).isEqualTo(2);
            assertThat(handled).isEmpty();

            var done =
                    get(sync.deadLetters().redrive(Selection.all().withCode("mapper.failed"), Redrive.atMost(1_000)));
            assertThat(done.handedIn()).isEqualTo(2);
            assertThat(done.refused()).containsExactly(Map.entry("mapper.failed", 1L));
            await().atMost(PATIENCE).until(() -> handled.size() == 2);
            assertThat(dead(sync, 1, 0)).extracting(DeadLetter::key).containsExactly("c");
        }
    }

    @Test
    void pagesGoOnWhereTheLastOneEnded() {
        refused.addAll(Set.of("a", "b", "c"));
        try (var sync = start()) {
            for (var order : List.of("a", "b", "c")) {
                publish(sync, order, 1);
            }
            var all = dead(sync, 3, 0);
            var first = sync.deadLetters().list(Selection.all(), null, 2);
            var second = sync.deadLetters().list(Selection.all(), first.get(1), 2);

            assertThat(first).hasSize(2);
            assertThat(second).hasSize(1);
            assertThat(Stream.concat(first.stream(), second.stream()).toList()).isEqualTo(all);
        }
    }

    @EventType(value = "order.placed", version = 2, kind = EventType.Kind.DELTA)
    record PlacedV2(@EventKey String order, int number, String shop) {}

    /** What a deploy brings. */
    @SyncHandler("warehouse")
    final class NewerWarehouse {
        @MapsTo
        PlacedV2 lift(Placed older) {
            return new PlacedV2(older.order(), older.number(), "the only one");
        }

        @MapsTo
        Parcel parcel(PlacedV2 placed) {
            return new Parcel(placed.order(), placed.number());
        }

        @OnEvent("order.placed")
        void on(Parcel parcel, Delivery delivery) {
            handled.add(parcel.order() + parcel.number() + " " + delivery.mode());
        }
    }

    @Test
    void input23_whatWasTooNewGoesInAgainByItselfAfterADeployThatKnowsIt() {
        var memory = new InMemoryBroker();
        memory.createTopic("order", 1);
        memory.store(
                new TopicPartition("order", 0),
                bytes("a"),
                Map.of(
                                "ce_specversion", "1.0",
                                "ce_id", "1",
                                "ce_source", "shop",
                                "ce_type", "order.placed",
                                "ce_dataversion", "2",
                                "ce_partitionkey", "a",
                                "content-type", "application/json")
                        .entrySet()
                        .stream()
                        .map(header -> new RawHeader(header.getKey(), bytes(header.getValue())))
                        .toList(),
                bytes("{\"order\":\"a\",\"number\":1,\"shop\":\"x\"}"));
        var builder = Sync.builder("test").dataDirectory(directory).handlers(new Warehouse());
        try (var sync = builder.broker(memory, "memory:").start()) {
            assertThat(dead(sync, 1, 0)).extracting(DeadLetter::code).containsExactly("unsupported.version");
        }
        var deployed = Sync.builder("test").dataDirectory(directory).handlers(new NewerWarehouse());
        try (var sync = deployed.broker(memory, "memory:").start()) {
            await().atMost(PATIENCE).until(() -> handled.size() == 1);
            assertThat(handled).containsExactly("a1 REDRIVE");
            await().atMost(PATIENCE).until(() -> sync.health().isUp());
        }
    }

    private static Bytes bytes(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void whoGivesUpSaysWhoAndWhy() {
        refused.add("a");
        try (var sync = start()) {
            publish(sync, "a", 1);
            var letter = dead(sync, 1, 0).get(0);

            assertThatThrownBy(() -> sync.deadLetters().skip(letter, " ", "why"))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> sync.deadLetters().drop(letter, "who", ""))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void closingEndsARedriveThatIsUnderWay() throws Exception {
        refused.addAll(Set.of("a", "b"));
        CompletionStage<?> slow;
        try (var sync = start()) {
            publish(sync, "a", 1);
            publish(sync, "b", 1);
            dead(sync, 2, 0);
            refused.clear();
            slow = sync.deadLetters().redrive(Selection.all(), Redrive.atMost(1));
            await().atMost(PATIENCE).until(() -> handled.size() == 1);
        }

        assertThatThrownBy(() -> get(slow))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(IllegalStateException.class);
    }
}
