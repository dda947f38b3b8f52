package dev.syncline.testkit.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.OnEvent;
import dev.syncline.api.SyncHandler;
import dev.syncline.runtime.DeadLetter;
import dev.syncline.runtime.DeadLetters.Selection;
import dev.syncline.runtime.Sync;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.LogProvider;
import dev.syncline.spi.LogStore;
import dev.syncline.spi.OwnedLog;
import dev.syncline.spi.StateContext;
import dev.syncline.testkit.InMemoryBroker;
import dev.syncline.testkit.InMemoryState;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A place for parked events that gives back something else than it was given. */
class DamagedParkOnTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int VERSION = 0;

    @TempDir
    Path directory;

    private final InMemoryBroker broker = new InMemoryBroker();
    private final Place place = new Place();
    private final Collection<String> handled = new ConcurrentLinkedQueue<>();
    private volatile boolean isBroken = true;

    @EventType(value = "order.placed", kind = EventType.Kind.DELTA)
    record Placed(@EventKey String order, String note) {}

    @SyncHandler("shop")
    final class Shop {
        @OnEvent("order.placed")
        void on(Placed placed) {
            if (isBroken && placed.order().equals("a")) {
                throw new IllegalStateException("broken");
            }
            handled.add(placed.note());
        }
    }

    /** Keeps what it is given, and spoils what it gives back. */
    private static final class Place implements LogProvider {

        private final InMemoryState memory = new InMemoryState();
        private volatile UnaryOperator<byte[]> spoiling = bytes -> bytes;

        @Override
        public Set<String> schemes() {
            return memory.schemes();
        }

        @Override
        public LogStore openLogs(StateContext context) {
            var logs = memory.openLogs(context);
            return new LogStore() {
                @Override
                public void check(Collection<LogScope> scopes, Duration atMost) {
                    logs.check(scopes, atMost);
                }

                @Override
                public CompletionStage<OwnedLog> takeLog(LogScope log, String member) {
                    return logs.takeLog(log, member).thenApply(taken -> new Spoiled(taken, spoiling));
                }

                @Override
                public void forgetLog(LogScope log, Duration atMost) {
                    logs.forgetLog(log, atMost);
                }

                @Override
                public void close() {
                    logs.close();
                }
            };
        }
    }

    private record Spoiled(OwnedLog log, UnaryOperator<byte[]> spoiling) implements OwnedLog {

        @Override
        public String token() {
            return log.token();
        }

        @Override
        public int maxEntryBytes() {
            return log.maxEntryBytes();
        }

        @Override
        public CompletionStage<@Nullable Void> append(List<LogEntry> entries) {
            return log.append(entries);
        }

        @Override
        public CompletionStage<LogPage> readLog(long from, int most) {
            return log.readLog(from, most)
                    .thenApply(page -> new LogPage(
                            page.entries().stream()
                                    .map(entry -> new LogEntry(
                                            entry.index(),
                                            Bytes.wrap(
                                                    spoiling.apply(entry.data().toByteArray()))))
                                    .toList(),
                            page.newest()));
        }

        @Override
        public CompletionStage<@Nullable Void> dropLog(long before) {
            return log.dropLog(before);
        }
    }

    DamagedParkOnTest() {
        broker.createTopic("order", 1);
    }

    private Sync start() {
        return Sync.builder("test")
                .broker(broker, "memory:")
                .parkOn(place, "memory:")
                .dataDirectory(directory)
                .settings(Map.of("defaults.retry", "none", "defaults.retry-later", "none", "defaults.breaker", "off"))
                .handlers(new Shop())
                .start();
    }

    private void parkTwo() {
        try (var sync = start()) {
            sync.publisher().publish(new Placed("a", "first"));
            sync.publisher().publish(new Placed("a", "second"));
            awaitLetter(sync, 1);
        }
        isBroken = false;
    }

    private static DeadLetter awaitLetter(Sync sync, int behind) {
        await().atMost(PATIENCE)
                .until(() -> letters(sync).stream().anyMatch(letter -> letter.lettersBehind() == behind));
        return letters(sync).get(0);
    }

    private static List<DeadLetter> letters(Sync sync) {
        return sync.deadLetters().list(Selection.all(), null, 10);
    }

    /** Flips a bit in what holds a text. */
    private static UnaryOperator<byte[]> flipping(String text) {
        return bytes -> {
            int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(text);
            if (at >= 0) {
                bytes[at] ^= 1;
            }
            return bytes;
        };
    }

    @Test
    void s4_s12_aHeadThatComesBackDamagedIsADeadLetterAndKeepsItsKey() throws Exception {
        parkTwo();
        place.spoiling = flipping("first");
        try (var sync = start()) {
            sync.publisher().publish(new Placed("b", "of another key"));
            sync.publisher().publish(new Placed("a", "third"));
            var letter = awaitLetter(sync, 2);
            assertThat(letter.code()).isEqualTo("letter.damaged");
            assertThat(letter.key()).isEqualTo("a");
            assertThat(sync.health().problems()).anyMatch(problem -> problem.contains("damaged"));
            await().atMost(PATIENCE).until(() -> !handled.isEmpty());
            assertThat(handled).as("nothing overtakes what is lost").containsExactly("of another key");

            assertThat(sync.deadLetters()
                            .skip(letter, "ops", "the place lost it")
                            .toCompletableFuture()
                            .get(60, TimeUnit.SECONDS))
                    .isTrue();
            await().atMost(PATIENCE).until(() -> handled.size() == 3);
            assertThat(handled).containsExactly("of another key", "second", "third");
        }
    }

    @Test
    void s4_oneThatIsCutOffIsToldAndTheOthersAreUsed() throws Exception {
        parkTwo();
        var cut = flipping("second");
        place.spoiling = bytes -> {
            var before = bytes.clone();
            return Arrays.equals(before, cut.apply(bytes)) ? bytes : Arrays.copyOf(bytes, 3);
        };
        try (var sync = start()) {
            var letter = awaitLetter(sync, 0);
            assertThat(letter.code()).isEqualTo("handler.failed");
            assertThat(sync.health().problems()).anyMatch(problem -> problem.contains("has only 3 bytes"));
            sync.deadLetters().redrive(letter).toCompletableFuture().get(60, TimeUnit.SECONDS);
            await().atMost(PATIENCE).until(() -> !handled.isEmpty());
            assertThat(handled).containsExactly("first");
        }
    }

    @Test
    void s4_anotherVersionWithoutItsSumIsDamageAndNoneIsReadPast() {
        parkTwo();
        place.spoiling = bytes -> {
            bytes[VERSION] = 2;
            return bytes;
        };
        try (var sync = start()) {
            await().atMost(PATIENCE)
                    .until(() ->
                            sync.health().problems().stream().anyMatch(problem -> problem.contains("does not fit")));
        }
    }
}
