package dev.syncline.testkit.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.OnEvent;
import dev.syncline.api.SyncHandler;
import dev.syncline.runtime.Sync;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Through the whole pipeline: what was published says which events were applied. */
class MarkedResultsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    Path directory;

    private final Queue<String> priced = new ConcurrentLinkedQueue<>();

    @EventType("catalog.product.changed")
    record Product(@EventKey String sku, int number) {}

    @EventType("catalog.price.changed")
    record Price(@EventKey String sku, int number) {}

    @SyncHandler(value = "pricing", deletes = SyncHandler.Deletes.IGNORE)
    final class Pricing {
        @OnEvent
        Price on(Product product) {
            priced.add(product.sku() + "#" + product.number());
            return new Price(product.sku(), product.number());
        }
    }

    private Sync start() {
        return Sync.builder("test")
                .dataDirectory(directory)
                .broker("local:")
                .handlers(new Pricing())
                .start();
    }

    /** As after a crash between document and tables, of every event at once. */
    @Test
    void s6_whatTheTablesHaveForgottenIsKnownByTheResults() throws IOException {
        try (var sync = start()) {
            for (int i = 0; i < 200; i++) {
                sync.publisher().publish(new Product("p" + i % 20, i));
            }
            sync.awaitQuiet(PATIENCE);
        }
        assertThat(priced).hasSize(200);
        delete(directory.resolve("inbox"));
        Files.delete(directory.resolve("outbox.marks"));
        Files.delete(directory.resolve("local/default/test.pricing.positions"));

        try (var sync = start()) {
            sync.publisher().publish(new Product("p1", 1_000));
            sync.awaitQuiet(PATIENCE);

            assertThat(priced).hasSize(201).endsWith("p1#1000");
            assertThat(sync.health().handlers().get("pricing").duplicates()).isEqualTo(200);
            assertThat(sync.health().problems()).isEmpty();
        }
    }

    @Test
    void s6_aHandlerThatWasForgottenBeginsAnewWhateverIsStillInTheOutbox() {
        try (var sync = start()) {
            sync.publisher().publish(new Product("p1", 1));
            sync.awaitQuiet(PATIENCE);
        }
        try (var without =
                Sync.builder("test").dataDirectory(directory).broker("local:").start()) {
            without.forgetHandler("pricing");
        }
        try (var sync = start()) {
            sync.awaitQuiet(PATIENCE);
        }
        assertThat(priced).containsExactly("p1#1", "p1#1");
    }

    private static void delete(Path tree) throws IOException {
        try (var files = Files.walk(tree)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
