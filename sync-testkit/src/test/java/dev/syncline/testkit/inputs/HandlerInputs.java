package dev.syncline.testkit.inputs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.BatchOutcome;
import dev.syncline.api.Event;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.OnEvent;
import dev.syncline.api.Outcome;
import dev.syncline.api.SyncHandler;
import dev.syncline.runtime.DeadLetters.Selection;
import dev.syncline.runtime.Sync;
import dev.syncline.testkit.server.ChildJvm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Inputs 49 to 52: what handlers do. */
final class HandlerInputs {

    private HandlerInputs() {}

    static final List<Input> ROWS = List.of(
            Input.own(
                    49,
                    "one bad item of 100 in a batch, told by `BatchOutcome`",
                    "99 applied once; dead letter `rejected` of that one; its key waits",
                    HandlerInputs::oneOfABatch),
            Input.elsewhere(
                    49,
                    "one bad item of 500 in a list, its method throws for all of it and is `idempotent`",
                    "the list is halved until it stands alone; 499 applied once; its key waits, nobody else spends an"
                            + " attempt",
                    "HalvingTest"),
            told(50, "handler throws a checked exception", "handler.failed", "checked"),
            told(50, "handler throws an unchecked exception", "handler.failed", "unchecked"),
            told(50, "handler throws an `Error`", "handler.error", "error"),
            told(50, "handler throws `ThreadDeath`", "handler.error", "death"),
            told(50, "handler overflows the stack", "handler.error", "overflow"),
            told(50, "handler answers null", "null.outcome", "nothing"),
            told(50, "handler throws what cannot be asked its message", "handler.failed", "unspeakable"),
            promised(50, "handler answers null for a stage", "null.stage", "no stage"),
            promised(50, "stage completes with null", "null.outcome", "nothing"),
            promised(50, "stage fails with an `Error`", "handler.error", "fails"),
            well(50, "stage completes later", "handled, once", key -> new Moods.Promised(key, "later", "x")),
            well(50, "stage calls back twice", "handled, once", key -> new Moods.Promised(key, "twice", "x")),
            well(50, "handler interrupts its thread", "handled, once", key -> new Moods.Told(key, "interrupts", "x")),
            told(50, "handler publishes to its own input, for ever", "causation.too.deep", "feeds itself"),
            new Input(
                    50,
                    "handler hands its event on to itself, for ever",
                    "ends with the first result: under its id the next one is a duplicate",
                    HandlerInputs::aCircleUnderOneId),
            Input.own(
                    50,
                    "handler meets an error of the virtual machine",
                    "tried again as any failure; others go on; health is DOWN until a restart",
                    HandlerInputs::anErrorOfTheMachine),
            Input.own(
                    50,
                    "handler never ends, and is deaf to its interruption",
                    "after `timeout` its lane goes on without it; its key waits; health is DOWN and says where it is",
                    HandlerInputs::aHandlerThatHangs),
            Input.elsewhere(50, "stage never completes", "the same", "TimeoutTest"),
            Input.own(
                    50,
                    "handler calls `System.exit`",
                    "the process ends; its event was not settled and comes again after the start",
                    HandlerInputs::anExit),
            Input.own(
                    51,
                    "handler changes what it was handed, and keeps it",
                    "the next attempt is handed what came; what was kept stays as it is",
                    HandlerInputs::aHandlerThatKeeps),
            Input.own(
                    52,
                    "`retryAfter` of -1 s, 0 and 10 years",
                    "clamped to between zero and a day; the key that waits for a day is parked",
                    HandlerInputs::pauses));

    private static Input told(int number, String given, String code, String mood) {
        return dead(number, given, code, names -> new Moods.Told(names.key(), mood, names.canary()));
    }

    private static Input promised(int number, String given, String code, String mood) {
        return dead(number, given, code, names -> new Moods.Promised(names.key(), mood, names.canary()));
    }

    /** The lane is one: whatever the mood left of it, the calm one behind it is handled. */
    static Input dead(int number, String given, String code, Function<Given, Object> mood) {
        return new Input(number, given, "dead letter `" + code + "`; its key waits", (house, directory) -> {
            var names = house.given(number);
            house.sync().publisher().publish(mood.apply(names));
            house.awaitCalm();

            var which = Selection.all().ofKey(Moods.TOPIC, names.key());
            House.await(
                    "dead letter of " + names, () -> house.sync().deadLetters().count(which) == 1);
            var letter = house.sync().deadLetters().list(which, null, 1).get(0);
            assertThat(letter.code()).isEqualTo(code);
            assertThat(letter.reason()).hasSizeLessThan(2000);
            house.skip(letter);
        });
    }

    private static Input well(int number, String given, String gets, Function<String, Object> mood) {
        return new Input(number, given, gets, (house, directory) -> {
            var names = house.given(number);
            house.sync().publisher().publish(mood.apply(names.key()));
            house.awaitCalm();
            house.sync().awaitQuiet(House.PATIENCE);

            assertThat(house.sync().deadLetters().count(Selection.all().ofKey(Moods.TOPIC, names.key())))
                    .isZero();
            assertThat(house.moody().done).containsOnlyOnce(names.key());
        });
    }

    private static void aCircleUnderOneId(House house, Path directory) {
        var names = house.given(50);
        house.sync().publisher().publish(new Moods.Told(names.key(), "hands itself on", names.canary()));
        House.await(
                "a duplicate",
                () -> house.sync().health().handlers().get("moody").duplicates() == 1);
        house.awaitCalm();

        assertThat(house.moody().done).filteredOn(names.key()::equals).hasSize(2);
    }

    // --- instances of their own

    @EventType(value = "order.line.added", kind = EventType.Kind.DELTA)
    record Line(@EventKey String order, int number) {}

    private static Sync.Builder alone(Path directory) {
        return Sync.builder("alone")
                .dataDirectory(directory)
                .broker("local:")
                .settings(Map.of("defaults.retry", "none", "defaults.retry-later", "none"));
    }

    @SyncHandler(value = "batch", batch = 500, deletes = SyncHandler.Deletes.IGNORE)
    record Batch(String bad, List<String> applied) {
        @OnEvent
        BatchOutcome on(List<Line> lines) {
            var answer = BatchOutcome.done();
            for (int i = 0; i < lines.size(); i++) {
                if (lines.get(i).order().equals(bad)) {
                    answer = answer.except(i, Outcome.reject("unknown order"));
                } else {
                    applied.add(lines.get(i).order());
                }
            }
            return answer;
        }
    }

    private static void oneOfABatch(Path directory) {
        var applied = new CopyOnWriteArrayList<String>();
        try (var sync = alone(directory).handlers(new Batch("o7", applied)).start()) {
            sync.publisher()
                    .publishAll(IntStream.range(0, 100)
                            .mapToObj(i -> new Line("o" + i, i))
                            .toList());
            sync.publisher().publish(new Line("o7", 1000));
            House.await(
                    "99 and the one behind",
                    () -> applied.size() == 99
                            && sync.deadLetters().list(Selection.all(), null, 10).stream()
                                    .anyMatch(letter -> letter.lettersBehind() == 1));

            assertThat(applied).doesNotHaveDuplicates().doesNotContain("o7");
            assertThat(sync.deadLetters().list(Selection.all(), null, 10))
                    .singleElement()
                    .satisfies(letter -> assertThat(letter.key()).isEqualTo("o7"))
                    .satisfies(letter -> assertThat(letter.code()).isEqualTo("rejected"));
        }
    }

    private static void anErrorOfTheMachine(Path directory) {
        var applied = new CopyOnWriteArrayList<String>();
        try (var sync = alone(directory)
                .settings(Map.of("defaults.concurrency", "1"))
                .handler("fatal", Line.class, (event, delivery) -> {
                    if (event.key().equals("bad")) {
                        throw new OutOfMemoryError("simulated");
                    }
                    applied.add(event.key());
                    return Outcome.done();
                })
                .start()) {
            sync.publisher().publish(new Line("bad", 1));
            sync.publisher().publish(new Line("good", 2));
            House.await("the other", () -> applied.contains("good"));

            assertThat(sync.health().isUp()).isFalse();
            assertThat(sync.health().problems()).anyMatch(problem -> problem.contains("OutOfMemoryError"));
            assertThat(sync.deadLetters().list(Selection.all(), null, 1))
                    .singleElement()
                    .satisfies(letter -> assertThat(letter.code()).isEqualTo("virtual.machine.error"));
        }
    }

    private static void aHandlerThatHangs(Path directory) {
        var applied = new CopyOnWriteArrayList<String>();
        var isOver = new CountDownLatch(1);
        try (var sync = alone(directory)
                .settings(Map.of("defaults.concurrency", "1", "defaults.timeout", "100ms", "close-deadline", "2s"))
                .handler("hangs", Line.class, (event, delivery) -> {
                    while (event.key().equals("bad") && isOver.getCount() > 0) {
                        Thread.onSpinWait();
                    }
                    applied.add(event.key());
                    return Outcome.done();
                })
                .start()) {
            sync.publisher().publish(new Line("bad", 1));
            sync.publisher().publish(new Line("bad", 2));
            sync.publisher().publish(new Line("good", 3));
            House.await("the other", () -> applied.contains("good"));

            assertThat(applied).containsExactly("good");
            assertThat(sync.health().isUp()).isFalse();
            assertThat(sync.health().problems()).anyMatch(problem -> problem.contains("bad"));
            isOver.countDown();
            House.await("both of its key", () -> applied.size() == 3);
        } finally {
            isOver.countDown();
        }
    }

    /** An application of its own process: {@code main(directory, "exit" or "calm")}. */
    static final class Exits {
        private Exits() {}

        public static void main(String[] args) {
            boolean isFirst = args[1].equals("exit");
            try (var sync = alone(Path.of(args[0]))
                    .handler("exits", Line.class, (event, delivery) -> {
                        if (isFirst) {
                            System.exit(3);
                        }
                        System.out.println("handled " + event.key());
                        return Outcome.done();
                    })
                    .start()) {
                if (isFirst) {
                    sync.publisher().publish(new Line("o1", 1));
                }
                sync.awaitQuiet(House.PATIENCE);
            }
        }
    }

    private static void anExit(Path directory) {
        try (var first =
                ChildJvm.of(Exits.class).args(directory.toString(), "exit").start()) {
            assertThat(first.awaitExit(House.PATIENCE)).isEqualTo(3);
        }
        try (var second =
                ChildJvm.of(Exits.class).args(directory.toString(), "calm").start()) {
            second.awaitLine("handled o1", House.PATIENCE);
        }
    }

    private static void aHandlerThatKeeps(Path directory) {
        var kept = new ConcurrentHashMap<String, Event<Map<String, Object>>>();
        var seen = new CopyOnWriteArrayList<Map<String, Object>>();
        try (var sync = alone(directory)
                .settings(Map.of("defaults.retry", "1ms", "defaults.breaker", "off")) // it fails at every key, once
                .handler("keeps", "order.line.noted", (event, delivery) -> {
                    seen.add(new HashMap<>(event.payload()));
                    kept.put(event.key() + " " + delivery.attempt(), event);
                    if (delivery.attempt() == 1) {
                        event.payload().put("n", "spoiled");
                        assertThatThrownBy(() -> event.attributes().put("id", "spoiled"))
                                .isInstanceOf(UnsupportedOperationException.class);
                        throw new IllegalStateException("again");
                    }
                    return Outcome.done();
                })
                .start()) {
            sync.publisher()
                    .publish(Event.of("order.line.noted", Map.of("n", 7)).withKey("o1"));
            House.await("the second attempt", () -> kept.containsKey("o1 2"));
            // more than a ring has slots, through every lane
            var more = new ArrayList<Event<?>>();
            for (int i = 0; i < 3000; i++) {
                more.add(Event.of("order.line.noted", Map.of("n", 8)).withKey("more" + i));
            }
            sync.publisher().publishAll(more);
            sync.awaitQuiet(House.PATIENCE);

            assertThat(seen.subList(0, 2)).allMatch(payload -> payload.equals(Map.of("n", 7)));
            var second = kept.get("o1 2");
            assertThat(second).isNotNull();
            assertThat(second.payload()).isEqualTo(Map.of("n", 7));
            assertThat(second.key()).isEqualTo("o1");
        }
    }

    private static void pauses(Path directory) {
        assertThat(Outcome.retryAfter(Duration.ofDays(3650), "x").delay()).contains(Duration.ofDays(1));
        var attempts = new CopyOnWriteArrayList<String>();
        try (var sync = alone(directory)
                .settings(Map.of("defaults.retry", "1ms 1ms", "close-deadline", "100ms"))
                .handler("pauses", Line.class, (event, delivery) -> {
                    attempts.add(event.key() + " " + delivery.attempt());
                    var pause = Map.of("past", Duration.ofSeconds(-1), "now", Duration.ZERO)
                            .getOrDefault(event.key(), Duration.ofDays(3650));
                    return delivery.attempt() > 1 ? Outcome.done() : Outcome.retryAfter(pause, "busy");
                })
                .start()) {
            for (var key : List.of("far", "past", "now")) {
                sync.publisher().publish(new Line(key, 1));
            }
            House.await("both that need not wait", () -> attempts.containsAll(List.of("past 2", "now 2")));

            assertThat(attempts)
                    .containsOnlyOnce("far 1", "past 1", "past 2", "now 1", "now 2")
                    .doesNotContain("far 2");
            House.await(
                    "the far one in the park store",
                    () -> sync.health().handlers().get("pauses").inFlight() == 0);
        }
    }
}
