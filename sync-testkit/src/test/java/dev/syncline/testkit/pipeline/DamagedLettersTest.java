package dev.syncline.testkit.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.OnEvent;
import dev.syncline.api.OutboxException;
import dev.syncline.api.Outcome;
import dev.syncline.api.SyncHandler;
import dev.syncline.runtime.DeadLetter;
import dev.syncline.runtime.DeadLetters.Redrive;
import dev.syncline.runtime.DeadLetters.Selection;
import dev.syncline.runtime.Sync;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bits of parked events flip on the disk: nothing wrong is handled, nothing overtakes, and a person can go on. */
class DamagedLettersTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Selection DAMAGED = Selection.all().withCode("letter.damaged");

    @TempDir
    Path root;

    private final Queue<String> handled = new ConcurrentLinkedQueue<>();
    private final Set<String> refused = ConcurrentHashMap.newKeySet();

    @EventType(value = "order.placed", kind = EventType.Kind.DELTA)
    record Placed(@EventKey String order, int number, String note) {}

    @SyncHandler("warehouse")
    final class Warehouse {
        @OnEvent("order.placed")
        Outcome on(Placed placed) {
            if (refused.contains(placed.order())) {
                return Outcome.reject("unknown order");
            }
            handled.add(placed.order() + placed.number());
            return Outcome.done();
        }
    }

    private Sync start(Path directory) {
        return Sync.builder("test")
                .dataDirectory(directory)
                .broker("local:")
                .handlers(new Warehouse())
                .start();
    }

    private static <T> T get(CompletionStage<T> answer) throws Exception {
        return answer.toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private static DeadLetter dead(Sync sync, Selection which, int behind) {
        await().atMost(PATIENCE).until(() -> {
            var letters = sync.deadLetters().list(which, null, 10);
            return letters.size() == 1 && letters.get(0).lettersBehind() == behind;
        });
        return sync.deadLetters().list(which, null, 10).get(0);
    }

    private void parkThreeAndDamageTheFirst(Sync sync, Path directory) throws IOException {
        refused.add("a");
        for (int n = 1; n <= 3; n++) {
            sync.publisher().publish(new Placed("a", n, "note-number-" + n));
        }
        dead(sync, Selection.all(), 2);
        flip(directory, "note-number-1");
        refused.clear();
    }

    /** A disk that went bad while everything ran, and the process goes on to run. */
    @Test
    void s4_s12_damageWhileItRunsIsADeadLetterOfItsOwnThatARedriveRefuses() throws Exception {
        var directory = root.resolve("data");
        try (var sync = start(directory)) {
            parkThreeAndDamageTheFirst(sync, directory);
            var letter = dead(sync, Selection.all(), 2);

            assertThatThrownBy(() -> get(sync.deadLetters().redrive(letter)))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(OutboxException.class)
                    .hasMessageContainingAll("letter " + letter.letter(), "damaged", "skips it");
            assertThat(sync.deadLetters().count(DAMAGED)).isEqualTo(1);
            var all = get(sync.deadLetters().redrive(Selection.all(), Redrive.atMost(100)));
            assertThat(all.refused()).isEqualTo(Map.of("letter.damaged", 1L));
            assertThat(sync.health().problems()).anyMatch(problem -> problem.contains("damaged"));
            assertThat(handled).as("nothing overtakes what is lost").isEmpty();

            assertThat(get(sync.deadLetters().skip(dead(sync, DAMAGED, 2), "ops", "the disk lost it")))
                    .isTrue();
            await().atMost(PATIENCE).until(() -> handled.size() == 2);
            assertThat(handled).containsExactly("a2", "a3");
        }
    }

    /** A disk that went bad while nothing ran. */
    @Test
    void s4_s12_damageFoundByAStartKeepsTheKeyAndWhatComesLater() throws Exception {
        var directory = root.resolve("data");
        try (var sync = start(directory)) {
            parkThreeAndDamageTheFirst(sync, directory);
        }
        try (var sync = start(directory)) {
            sync.publisher().publish(new Placed("a", 4, ""));
            sync.publisher().publish(new Placed("b", 1, ""));
            var letter = dead(sync, DAMAGED, 3);
            await().atMost(PATIENCE).until(() -> !handled.isEmpty());
            assertThat(handled).containsExactly("b1");

            assertThat(get(sync.deadLetters().skip(letter, "ops", "the disk lost it")))
                    .isTrue();
            await().atMost(PATIENCE).until(() -> handled.size() == 4);
            assertThat(handled).containsExactly("b1", "a2", "a3", "a4");
        }
    }

    /** What is on the disk when the command's stage completes is what a kill would leave. */
    @Test
    void s12_aSkipOrDropOfADamagedOneSurvivesACrash() throws Exception {
        var directory = root.resolve("data");
        try (var sync = start(directory)) {
            parkThreeAndDamageTheFirst(sync, directory);
        }
        var crashed = root.resolve("crashed");
        try (var sync = start(directory)) {
            var letter = dead(sync, DAMAGED, 2);
            refused.add("a"); // so that the next one is still there
            assertThat(get(sync.deadLetters().skip(letter, "ops", "the disk lost it")))
                    .isTrue();
            copy(directory.resolve("park"), crashed);
            dead(sync, Selection.all().withCode("rejected"), 1);
        }
        replace(directory.resolve("park"), crashed);
        try (var sync = start(directory)) {
            var next = dead(sync, Selection.all(), 1);
            assertThat(next.code()).isEqualTo("rejected");
            assertThat(next.lettersBehind()).isEqualTo(1);
            flip(directory, "note-number-2");

            assertThat(get(sync.deadLetters().drop(next, "ops", "all of it"))).isEqualTo(2);
            deleteAll(crashed);
            copy(directory.resolve("park"), crashed);
        }
        replace(directory.resolve("park"), crashed);
        refused.clear();
        try (var sync = start(directory)) {
            sync.publisher().publish(new Placed("a", 5, ""));
            await().atMost(PATIENCE).until(() -> handled.contains("a5"));
            assertThat(handled).containsExactly("a5");
            assertThat(sync.deadLetters().count(Selection.all())).isZero();
        }
    }

    /** Flips a bit behind the text in each parked file that has it. */
    private static void flip(Path directory, String text) throws IOException {
        int flipped = 0;
        for (var file : files(directory.resolve("park"))) {
            var bytes = Files.readAllBytes(file);
            int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(text);
            if (at >= 0) {
                try (var channel = java.nio.channels.FileChannel.open(file, java.nio.file.StandardOpenOption.WRITE)) {
                    channel.write(java.nio.ByteBuffer.wrap(new byte[] {(byte) (bytes[at] ^ 1)}), at);
                }
                flipped++;
            }
        }
        assertThat(flipped).as("files that hold %s", text).isEqualTo(1);
    }

    private static List<Path> files(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        for (var file : files(from)) {
            var target = to.resolve(from.relativize(file));
            Files.createDirectories(target.getParent());
            Files.copy(file, target);
        }
    }

    private static void replace(Path directory, Path by) throws IOException {
        deleteAll(directory);
        copy(by, directory);
    }

    private static void deleteAll(Path directory) throws IOException {
        for (var file : files(directory)) {
            Files.delete(file);
        }
    }
}
