package dev.syncline.testkit.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.syncline.api.Event;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.OnEvent;
import dev.syncline.api.SyncHandler;
import dev.syncline.runtime.DeadLetters.Selection;
import dev.syncline.runtime.Sync;
import dev.syncline.testkit.InMemoryBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The wall clock jumps while events flow through the whole pipeline on real files, some of them after attempts in place and
 * after their key was parked, and over restarts. The simulation does so with its own time; here the outbox's files roll, too.
 */
class ClockJumpsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final List<Duration> JUMPS = List.of(Duration.ofDays(30), Duration.ofDays(-30), Duration.ofDays(-2));
    private static final int NUMBER_OF_JUMPS = 100;
    private static final int EVENTS_PER_JUMP = 20;
    private static final int JUMPS_PER_RESTART = 25;
    private static final int KEYS = 8;
    private static final int ATTEMPTS_OF_A_PARKED_HEAD = 4;

    /** From here on numbers are of events that fail as long as their target is away. */
    private static final int OVER_RESTARTS = 1_000_000;

    @TempDir
    Path directory;

    private final JumpingClock clock = new JumpingClock();
    private final Random random = new Random(1);
    private final Queue<Integer> handled = new ConcurrentLinkedQueue<>();
    private final Map<Integer, Integer> attempts = new ConcurrentHashMap<>();
    private volatile boolean isAway;

    /** The system's, but for the jumps so far. */
    private static final class JumpingClock implements InstantSource {

        private final AtomicReference<Duration> offset = new AtomicReference<>(Duration.ZERO);

        void jump(Duration by) {
            offset.updateAndGet(before -> before.plus(by));
        }

        @Override
        public Instant instant() {
            return Instant.now().plus(offset.get());
        }
    }

    @EventType(value = "clock.item.changed", kind = EventType.Kind.DELTA)
    record Changed(@EventKey String item, int number) {}

    /** Of ten events one fails once, and of forty one until its key was parked and attempted once more. */
    @SyncHandler(value = "target", concurrency = 2, retry = "1ms 1ms", retryLater = "20ms 20ms")
    final class Target {
        @OnEvent
        void changed(Event<Changed> event) {
            int number = event.payload().number();
            if (number >= OVER_RESTARTS) {
                changedOverARestart(number);
                return;
            }
            int attempt = attempts.merge(number, 1, Integer::sum);
            if (attempt < (number % 40 == 1 ? ATTEMPTS_OF_A_PARKED_HEAD + 1 : number % 10 == 1 ? 2 : 1)) {
                throw new IllegalStateException("not yet");
            }
            handled.add(number);
        }

        private void changedOverARestart(int number) {
            if (isAway) {
                throw new IllegalStateException("away");
            }
            handled.add(number);
        }
    }

    private Sync start(InMemoryBroker memory, String broker) {
        var builder =
                Sync.builder("clocks").dataDirectory(directory).clock(clock).handlers(new Target());
        return (broker.equals("local:") ? builder.broker(broker) : builder.broker(memory, broker)).start();
    }

    @ParameterizedTest
    @ValueSource(strings = {"local:", "memory:?topics.create=true&topics.partitions=2"})
    void s25_s1_s7_jumpsOfTheWallClockLoseRepeatAndReorderNothing(String broker) {
        var memory = new InMemoryBroker();
        int number = 0;
        for (int jump = 0; jump < NUMBER_OF_JUMPS; ) {
            try (var sync = start(memory, broker)) {
                for (int i = 0; i < JUMPS_PER_RESTART; i++, jump++) {
                    clock.jump(JUMPS.get(random.nextInt(JUMPS.size())));
                    for (int event = 0; event < EVENTS_PER_JUMP; event++, number++) {
                        sync.publisher().publish(new Changed("item-" + number % KEYS, number));
                    }
                }
                awaitAllHandled(sync);
                isAway = true;
                sync.publisher().publish(new Changed("over-restarts", OVER_RESTARTS + jump));
                await().atMost(PATIENCE).until(() -> isAnyBlocked(sync));
            }
            clock.jump(JUMPS.get(1)); // now its next attempt would be due in a month
            isAway = false;
        }
        try (var sync = start(memory, broker)) {
            awaitAllHandled(sync);
        }

        int restarts = NUMBER_OF_JUMPS / JUMPS_PER_RESTART;
        assertThat(handled).doesNotHaveDuplicates().hasSize(number + restarts);
        handled.removeIf(event -> event >= OVER_RESTARTS);
        var newest = new HashMap<Integer, Integer>();
        for (int event : handled) {
            var before = newest.put(event % KEYS, event);
            assertThat(before == null || before < event)
                    .as("%s of its key after %s", event, before)
                    .isTrue();
        }
        attempts.forEach((event, times) -> assertThat(times)
                .as("attempts at %s", event)
                .isEqualTo(event % 40 == 1 ? ATTEMPTS_OF_A_PARKED_HEAD + 1 : event % 10 == 1 ? 2 : 1));
    }

    private static void awaitAllHandled(Sync sync) {
        sync.awaitQuiet(PATIENCE);
        await().atMost(PATIENCE).until(() -> isNothingBlocked(sync));
        assertThat(sync.deadLetters().count(Selection.all())).isZero();
    }

    private static boolean isNothingBlocked(Sync sync) {
        return !isAnyBlocked(sync)
                && sync.health().handlers().values().stream().allMatch(handler -> handler.inFlight() == 0);
    }

    private static boolean isAnyBlocked(Sync sync) {
        return sync.health().handlers().values().stream()
                .anyMatch(handler -> !handler.blockedKeys().isEmpty());
    }
}
