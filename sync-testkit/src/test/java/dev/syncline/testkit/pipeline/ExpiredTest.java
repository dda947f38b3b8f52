package dev.syncline.testkit.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.syncline.api.Event;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.OnEvent;
import dev.syncline.api.SyncHandler;
import dev.syncline.runtime.Health.HandlerHealth;
import dev.syncline.runtime.Sync;
import dev.syncline.testkit.InMemoryBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events that say until when they are of use, and two handlers of which one wants no others. */
class ExpiredTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Instant NOON = Instant.parse("2026-05-04T12:00:00Z");
    private static final Instant MORNING = NOON.minusSeconds(3_600);
    private static final Instant EVENING = NOON.plusSeconds(3_600);

    @TempDir
    Path directory;

    private final InMemoryBroker broker = new InMemoryBroker();
    private final AtomicReference<Instant> now = new AtomicReference<>(NOON);
    private final Collection<String> shown = new ConcurrentLinkedQueue<>();
    private final Collection<String> kept = new ConcurrentLinkedQueue<>();
    private volatile boolean isBroken;

    @EventType("offer.price.changed")
    record Price(@EventKey String item, int cents) {}

    @SyncHandler("banner")
    final class Banner {
        @OnEvent("offer.price.changed")
        void show(Price price) {
            if (isBroken) {
                throw new IllegalStateException("broken");
            }
            shown.add(price.item() + price.cents());
        }

        @OnEvent("offer.price.removed")
        void remove(Event<?> event) {
            shown.add("no " + event.key());
        }
    }

    @SyncHandler("archive")
    final class Archive {
        @OnEvent("offer.price.changed")
        void keep(Price price) {
            kept.add(price.item() + price.cents());
        }

        @OnEvent("offer.price.removed")
        void remove(Event<?> event) {
            kept.add("no " + event.key());
        }
    }

    ExpiredTest() {
        broker.createTopic("offer.price", 1);
    }

    private Sync start() {
        return Sync.builder("test")
                .broker(broker, "memory:")
                .dataDirectory(directory)
                .clock(now::get)
                .settings(Map.of(
                        "defaults.retry", "none",
                        "defaults.retry-later", "100ms",
                        "defaults.breaker", "off",
                        "handlers.banner.expired", "drop"))
                .handlers(new Banner(), new Archive())
                .start();
    }

    private static void publish(Sync sync, String item, int cents, String until) {
        sync.publisher()
                .publish(Event.of("offer.price.changed", new Price(item, cents)).withAttribute("expirytime", until));
    }

    private static HandlerHealth health(Sync sync, String handler) {
        return Objects.requireNonNull(sync.health().handlers().get(handler));
    }

    @Test
    void s25_input40_whatIsExpiredIsDroppedAndCountedWhereThatIsAskedForOnly() {
        try (var sync = start()) {
            publish(sync, "a", 1, MORNING.toString());
            publish(sync, "a", 2, EVENING.toString());
            publish(sync, "a", 3, "2026-05-04T14:30:00+05:00");
            publish(sync, "a", 4, "some day");
            sync.publisher().publish(new Price("a", 5));
            sync.awaitQuiet(PATIENCE);

            assertThat(shown).containsExactly("a2", "a4", "a5");
            assertThat(health(sync, "banner").skipped()).containsExactly(Map.entry("expired", 2L));
            assertThat(kept).containsExactly("a1", "a2", "a3", "a4", "a5");
            assertThat(health(sync, "archive").skipped()).isEmpty();
            assertThat(sync.health().isUp()).isTrue();
            assertThat(sync.describe())
                    .contains("expired = drop (handlers.banner.expired")
                    .contains("expired = deliver");
        }
    }

    @Test
    void input40_aDeleteIsNeverDroppedForItsAge() {
        try (var sync = start()) {
            publish(sync, "a", 1, EVENING.toString());
            sync.publisher()
                    .publish(Event.delete("offer.price.removed", "a").withAttribute("expirytime", MORNING.toString()));
            sync.awaitQuiet(PATIENCE);

            assertThat(shown).containsExactly("a1", "no a");
            assertThat(health(sync, "banner").skipped()).isEmpty();
        }
    }

    /** What a handler could not do in time is not done too late, and its key goes on. */
    @Test
    void input40_anEventThatExpiresWhileItIsParkedIsDroppedAtItsNextAttempt() {
        isBroken = true;
        try (var sync = start()) {
            publish(sync, "a", 1, EVENING.toString());
            publish(sync, "a", 2, EVENING.plusSeconds(7_200).toString());
            await().atMost(PATIENCE)
                    .until(() -> health(sync, "banner").blockedKeys().size() == 1);
            assertThat(health(sync, "banner").skipped()).isEmpty();

            now.set(EVENING.plusSeconds(1));
            await().atMost(PATIENCE)
                    .until(() -> health(sync, "banner").skipped().getOrDefault("expired", 0L) == 1);
            isBroken = false;
            await().atMost(PATIENCE).until(() -> !shown.isEmpty());
            sync.awaitQuiet(PATIENCE);

            assertThat(shown).containsExactly("a2");
            assertThat(health(sync, "banner").blockedKeys()).isEmpty();
        }
    }
}
