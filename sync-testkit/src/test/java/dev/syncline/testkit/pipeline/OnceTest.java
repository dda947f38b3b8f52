package dev.syncline.testkit.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.syncline.api.Change;
import dev.syncline.api.EntityVersion;
import dev.syncline.api.Event;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.OnEvent;
import dev.syncline.api.SyncHandler;
import dev.syncline.runtime.Health.HandlerHealth;
import dev.syncline.runtime.Sync;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Defect.RawHeader;
import dev.syncline.spi.TopicPartition;
import dev.syncline.testkit.InMemoryBroker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What comes twice or late, through the whole pipeline. */
class OnceTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private final InMemoryBroker memory = new InMemoryBroker();
    private final Queue<String> applied = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean isTargetAway = new AtomicBoolean();

    @EventType("catalog.product.changed")
    record Product(@EventKey String sku, @EntityVersion long revision, String title) {}

    @SyncHandler("shop")
    final class Shop {
        @OnEvent("catalog.product.*")
        void on(Change<Product> change) {
            if (isTargetAway.get()) {
                throw new IllegalStateException("away");
            }
            applied.add(
                    change instanceof Change.Upsert<Product> upsert
                            ? upsert.key() + "=" + upsert.value().title()
                            : change.key() + " gone");
        }
    }

    OnceTest() {
        memory.createTopic("catalog.product", 1);
    }

    private Sync.Builder on(String uri) {
        var builder = Sync.builder("test")
                .dataDirectory(directory)
                .settings(Map.of("defaults.retry", "none", "defaults.retry-later", "1s"))
                .handlers(new Shop());
        return uri.equals("local:") ? builder.broker(uri) : builder.broker(memory, uri);
    }

    private void storeForeign(String id, String title) {
        var headers = new ArrayList<RawHeader>();
        Map.of(
                        "ce_specversion", "1.0",
                        "ce_id", id,
                        "ce_source", "crm",
                        "ce_type", "catalog.product.changed",
                        "ce_partitionkey", "A",
                        "content-type", "application/json")
                .forEach((name, value) -> headers.add(new RawHeader(name, bytes(value))));
        memory.store(
                new TopicPartition("catalog.product", 0),
                bytes("A"),
                headers,
                bytes("{\"sku\":\"A\",\"revision\":1,\"title\":\"" + title + "\"}"));
    }

    private static Bytes bytes(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static HandlerHealth shop(Sync sync) {
        return sync.health().handlers().get("shop");
    }

    @Test
    void s27_input45_aForeignEventThatComesAgainIsAppliedOnceAlsoAfterARestart() {
        storeForeign("1", "Lamp");
        storeForeign("1", "Lamp");
        try (var sync = on("memory:").start()) {
            sync.awaitQuiet(PATIENCE);
            assertThat(applied).containsExactly("A=Lamp");
            assertThat(shop(sync).duplicates()).isEqualTo(1);
        }
        storeForeign("1", "Lamp");
        try (var sync = on("memory:").start()) {
            sync.awaitQuiet(PATIENCE);
            assertThat(applied).containsExactly("A=Lamp");
        }
    }

    @Test
    void input46_anotherEventUnderAnIdThatWasAppliedIsADeadLetter() {
        storeForeign("1", "Lamp");
        storeForeign("1", "Chair");
        try (var sync = on("memory:").start()) {
            await().atMost(PATIENCE).until(() -> !shop(sync).blockedKeys().isEmpty());

            assertThat(applied).containsExactly("A=Lamp");
            assertThat(shop(sync).blockedKeys().get(0).code()).isEqualTo("id.conflict");
        }
    }

    @Test
    void s5_whatTheOutboxHandsOverAgainIsAppliedOnce() throws IOException {
        try (var sync = on("local:").start()) {
            for (int i = 0; i < 100; i++) {
                sync.publisher().publish(new Product("p" + i % 10, i, "t" + i));
            }
            sync.awaitQuiet(PATIENCE);
        }
        assertThat(applied).hasSize(100);
        var positions = directory.resolve("local/default/test.shop.positions");
        Files.delete(positions); // as if a backup without it were restored

        try (var sync = on("local:").start()) {
            sync.publisher().publish(new Product("p1", 1_000, "new"));
            sync.awaitQuiet(PATIENCE);

            assertThat(applied).hasSize(101).contains("p1=new");
            assertThat(shop(sync).duplicates()).isEqualTo(100);
        }
    }

    @Test
    void anOlderVersionThatComesLateIsDroppedAndCounted() {
        try (var sync = on("local:").start()) {
            sync.publisher().publish(new Product("A", 8, "new"));
            sync.publisher().publish(new Product("A", 7, "old"));
            sync.publisher().publish(new Product("A", 8, "same version"));
            sync.awaitQuiet(PATIENCE);

            assertThat(applied).containsExactly("A=new", "A=same version");
            assertThat(shop(sync).stale()).isEqualTo(1);
        }
    }

    @Test
    void aDeleteIsNotUndoneByWhatWasBeforeIt() {
        try (var sync = on("local:").start()) {
            sync.publisher()
                    .publish(Event.delete("catalog.product.removed", "A").withVersion(8));
            sync.publisher().publish(new Product("A", 7, "old"));
            sync.publisher().publish(new Product("A", 8, "of the same version"));
            sync.publisher().publish(new Product("A", 9, "made anew"));
            sync.awaitQuiet(PATIENCE);

            assertThat(applied).containsExactly("A gone", "A=made anew");
        }
    }

    @Test
    void aParkedUpdateNeverBringsBackWhatALaterDeleteRemoved() {
        isTargetAway.set(true);
        try (var sync = on("local:").start()) {
            sync.publisher().publish(new Product("A", 7, "parked"));
            await().atMost(PATIENCE).until(() -> !shop(sync).blockedKeys().isEmpty());
            sync.publisher()
                    .publish(Event.delete("catalog.product.removed", "A").withVersion(8));
            isTargetAway.set(false);
            await().atMost(PATIENCE).until(() -> applied.contains("A gone"));

            assertThat(List.copyOf(applied)).last().isEqualTo("A gone");
            await().atMost(PATIENCE).until(() -> sync.health().isUp());
        }
    }
}
