package dev.syncline.testkit.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.syncline.api.EntityVersion;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.OnEvent;
import dev.syncline.api.SyncHandler;
import dev.syncline.runtime.Sync;
import dev.syncline.testkit.InMemoryBroker;
import dev.syncline.testkit.InMemoryState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every way in which a partition may come to an instance whose data directory does not fit its position, with embedded
 * state: it is not read, the instance lives, is not ready, and names the remedies. S13, L6.
 */
class StoreIdTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int KEYS = 16;

    @TempDir
    Path directory;

    private final InMemoryBroker broker = new InMemoryBroker();
    private final Queue<String> applied = new ConcurrentLinkedQueue<>();

    @EventType("catalog.product.changed")
    record Product(@EventKey String sku, @EntityVersion long revision) {}

    @SyncHandler(value = "shop", deletes = SyncHandler.Deletes.IGNORE)
    record Shop(Queue<String> applied) {
        @OnEvent("catalog.product.changed")
        void on(Product product) {
            applied.add(product.sku() + " " + product.revision());
        }
    }

    StoreIdTest() {
        broker.createTopic("catalog.product", 4);
    }

    private Sync.Builder at(String data) {
        return Sync.builder("test")
                .broker(broker, "memory:")
                .dataDirectory(directory.resolve(data))
                .handlers(new Shop(applied));
    }

    private void publish(Sync by, int revision) {
        IntStream.range(0, KEYS).forEach(i -> by.publisher().publish(new Product("p" + i, revision)));
    }

    private static List<String> all(int revisions) {
        var all = new ArrayList<String>();
        for (int revision = 1; revision <= revisions; revision++) {
            for (int i = 0; i < KEYS; i++) {
                all.add("p" + i + " " + revision);
            }
        }
        return all;
    }

    /** What a person reads. */
    private void awaitRefusal(Sync sync) {
        await().atMost(PATIENCE)
                .until(() -> sync.health().problems().stream()
                        .anyMatch(problem -> problem.contains("is not read")
                                && problem.contains("state(\"redis://")
                                && problem.contains("handlers.shop.adopt=")));
        assertThat(sync.health().isReady()).isFalse();
        assertThat(sync.health().isUp())
                .as("nothing needs mending in the process")
                .isTrue();
    }

    @Test
    void s13_aSecondMemberReadsNothingOfTheFirstAndTheFirstGoesOnAfterIt() {
        try (var first = at("first").start()) {
            publish(first, 1);
            first.awaitQuiet(PATIENCE);
            try (var second = at("second").start()) {
                awaitRefusal(second);
                publish(second, 2);
            }
            await().atMost(PATIENCE).until(() -> applied.size() == 2 * KEYS);
            assertThat(applied).containsExactlyInAnyOrderElementsOf(all(2));
            await().atMost(PATIENCE).until(() -> first.health().isReady());
        }
    }

    @Test
    void s13_afterARollingDeployWithSurgeTheNewInstanceWaitsUntilTheMoveIsSaidAloud() {
        try (var old = at("old").start()) {
            publish(old, 1);
            old.awaitQuiet(PATIENCE);
            try (var surge = at("new").start()) {
                awaitRefusal(surge);
                old.close();
                publish(surge, 2);
                await().atMost(PATIENCE)
                        .until(() -> surge.health().problems().stream()
                                        .filter(problem -> problem.contains("is not read"))
                                        .count()
                                == 4);
                assertThat(applied).containsExactlyInAnyOrderElementsOf(all(1));
            }
        }
        var adopting = at("new").settings(Map.of("handlers.shop.adopt", "*"));
        try (var sync = adopting.start()) {
            sync.awaitQuiet(PATIENCE);
        }
        assertThat(applied).containsExactlyInAnyOrderElementsOf(all(2));
    }

    @Test
    void s13_aRollingDeployWithSurgeGoesThroughWithSharedState() {
        var state = new InMemoryState();
        try (var old = at("old").state(state, "memory:").start()) {
            publish(old, 1);
            old.awaitQuiet(PATIENCE);
            try (var surge = at("new").state(state, "memory:").start()) {
                await().atMost(PATIENCE).until(() -> surge.health().isReady());
                old.close();
                publish(surge, 2);
                await().atMost(PATIENCE).until(() -> applied.size() == 2 * KEYS);
            }
        }
        assertThat(applied).containsExactlyInAnyOrderElementsOf(all(2));
    }

    @Test
    void s13_aLostDirectoryIsNoticedAndItsIdIsWhatToAdopt() {
        try (var sync = at("data").start()) {
            publish(sync, 1);
            sync.awaitQuiet(PATIENCE);
        }
        String lost;
        try (var sync = at("empty").start()) {
            awaitRefusal(sync);
            var problem = sync.health().problems().stream()
                    .filter(text -> text.contains("adopt="))
                    .findFirst()
                    .orElseThrow();
            lost = problem.replaceAll("(?s).*handlers\\.shop\\.adopt=(\\w+).*", "$1");
            publish(sync, 2);
        }
        var adopting = at("empty").settings(Map.of("handlers.shop.adopt", lost));
        try (var sync = adopting.start()) {
            sync.awaitQuiet(PATIENCE);
            assertThat(sync.health().isReady()).isTrue();
        }
        assertThat(applied).containsExactlyInAnyOrderElementsOf(all(2));
    }

    /** Its id is the same, and what was parked or applied since the backup is not in it. */
    @Test
    void s13_aRestoredCopyIsNoticedThoughItsIdIsTheSame() throws IOException {
        try (var sync = at("data").start()) {
            publish(sync, 1);
            sync.awaitQuiet(PATIENCE);
        }
        copy(directory.resolve("data"), directory.resolve("backup"));
        try (var sync = at("data").start()) {
            publish(sync, 2);
            sync.awaitQuiet(PATIENCE);
        }
        try (var restored = at("backup").start()) {
            await().atMost(PATIENCE)
                    .until(() -> restored.health().problems().stream()
                            .anyMatch(problem -> problem.contains("put back from a backup")
                                    && problem.contains("handlers.shop.adopt=")));
            assertThat(restored.health().isReady()).isFalse();
        }
        try (var sync = at("data").start()) {
            publish(sync, 3);
            sync.awaitQuiet(PATIENCE);
            assertThat(sync.health().isReady()).as("the directory that went on").isTrue();
        }
        assertThat(applied).containsExactlyInAnyOrderElementsOf(all(3));
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (var file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    /** Once state is shared, a directory does not take the positions for its own. */
    @Test
    void s13_backFromSharedToEmbeddedIsAMoveThatIsSaidAloud() {
        try (var sync = at("data").state(new InMemoryState(), "memory:").start()) {
            publish(sync, 1);
            sync.awaitQuiet(PATIENCE);
        }
        try (var sync = at("data").start()) {
            awaitRefusal(sync);
            assertThat(sync.health().problems()).anyMatch(problem -> problem.contains("beside shared state"));
        }
    }
}
