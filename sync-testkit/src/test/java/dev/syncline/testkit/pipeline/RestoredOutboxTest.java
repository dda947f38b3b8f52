package dev.syncline.testkit.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.OnEvent;
import dev.syncline.api.SyncHandler;
import dev.syncline.runtime.Sync;
import dev.syncline.testkit.InMemoryBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An application's data directory is put back from a backup that is older than what it has published since. Receivers keep
 * the highest number per key for ever: were numbers given again, they would drop new events as repeats, and nobody would
 * know. S1, S27, decision 29.
 */
class RestoredOutboxTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int KEYS = 8;

    @TempDir
    Path directory;

    private final InMemoryBroker broker = new InMemoryBroker();
    private final Queue<String> applied = new ConcurrentLinkedQueue<>();
    private Path data;
    private Path backup;
    private Sync receiver;

    @EventType("catalog.product.counted")
    record Counted(@EventKey String sku, int round) {}

    @SyncHandler(value = "stock", deletes = SyncHandler.Deletes.IGNORE)
    record Stock(Queue<String> applied) {
        @OnEvent("catalog.product.counted")
        void on(Counted counted) {
            applied.add(counted.sku() + " " + counted.round());
        }
    }

    @BeforeEach
    void startReceiver() {
        data = directory.resolve("data");
        backup = directory.resolve("backup");
        broker.createTopic("catalog.product", 4);
        receiver = Sync.builder("receiver")
                .broker(broker, "memory:")
                .dataDirectory(directory.resolve("receiver"))
                .handlers(new Stock(applied))
                .start();
    }

    @AfterEach
    void closeReceiver() {
        receiver.close();
    }

    private Sync publisher() {
        return Sync.builder("publisher")
                .broker(broker, "memory:")
                .dataDirectory(data)
                .route("catalog.product.*", "default", "catalog.product")
                .start();
    }

    private void publish(Sync by, int round) {
        IntStream.range(0, KEYS).forEach(i -> by.publisher().publish(new Counted("p" + i, round)));
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(applied).as("rounds").hasSize(round * KEYS));
    }

    /** Two rounds reached the receiver; the copy knows of the first one only. */
    private void backupBetweenRounds() throws IOException {
        try (var sync = publisher()) {
            publish(sync, 1);
            copy(data, backup);
            publish(sync, 2);
        }
    }

    private void assertNothingIsLostOrRepeated(int rounds) {
        receiver.awaitQuiet(PATIENCE);
        for (int i = 0; i < KEYS; i++) {
            var key = "p" + i + " ";
            assertThat(applied.stream().filter(one -> one.startsWith(key)))
                    .containsExactlyElementsOf(IntStream.rangeClosed(1, rounds)
                            .mapToObj(round -> key + round)
                            .toList());
        }
    }

    @Test
    void s27_noNewEventIsTakenForARepeatAfterACopyWasPutBack() throws IOException {
        backupBetweenRounds();
        delete(data);
        copy(backup, data);

        try (var sync = publisher()) {
            publish(sync, 3);
            publish(sync, 4);
        }
        try (var sync = publisher()) {
            publish(sync, 5);
        }
        assertNothingIsLostOrRepeated(5);
    }

    /** Files that are there get the contents of the copy, and keep what else tells them from others. */
    @Test
    void s27_noNewEventIsTakenForARepeatAfterACopyWasPutBackInPlace() throws IOException {
        backupBetweenRounds();
        try (var files = Files.walk(backup)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                Files.write(data.resolve(backup.relativize(file)), Files.readAllBytes(file));
            }
        }
        try (var sync = publisher()) {
            publish(sync, 3);
        }
        assertNothingIsLostOrRepeated(3);
    }

    /** Copy and original know nothing of each other. */
    @Test
    void s27_aCopyThatRunsBesideItsOriginalTakesNoNumberOfIt() throws IOException {
        try (var original = publisher()) {
            publish(original, 1);
            copy(data, backup);
            data = backup;
            try (var copy = publisher()) {
                publish(copy, 2);
                publish(original, 3);
                publish(copy, 4);
            }
        }
        assertNothingIsLostOrRepeated(4);
    }

    /** What the copy ships once more goes under the numbers that it had. */
    @Test
    void s26_whatWasShippedBeforeTheBackupIsStillARepeatAfterIt() throws IOException {
        backupBetweenRounds();
        delete(data);
        copy(backup, data);
        Files.deleteIfExists(data.resolve("relay.cursors")); // as if it knew of nothing shipped

        try (var sync = publisher()) {
            publish(sync, 3);
            sync.awaitQuiet(PATIENCE);
        }
        assertThat(broker.messages("catalog.product")).as("round 1 twice").hasSize(4 * KEYS);
        assertNothingIsLostOrRepeated(3);
    }

    /** Sparse files as they lie, with what tells them apart but their place. */
    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (var file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    private static void delete(Path directory) throws IOException {
        List<Path> all;
        try (Stream<Path> files = Files.walk(directory)) {
            all = files.sorted(Comparator.reverseOrder()).toList();
        }
        for (var file : all) {
            Files.delete(file);
        }
    }
}
