package dev.syncline.testkit.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.inject.AbstractModule;
import com.google.inject.Guice;
import com.google.inject.Inject;
import dev.syncline.api.ConfigurationException;
import dev.syncline.api.Delivery;
import dev.syncline.api.EntityVersion;
import dev.syncline.api.Event;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventPublisher;
import dev.syncline.api.EventType;
import dev.syncline.api.MapsTo;
import dev.syncline.api.OnEvent;
import dev.syncline.api.OutboxException;
import dev.syncline.api.Outcome;
import dev.syncline.api.SyncHandler;
import dev.syncline.runtime.Sync;
import dev.syncline.runtime.SyncModule;
import dev.syncline.spi.TopicPartition;
import dev.syncline.testkit.InMemoryBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole way of an event, from publish to acknowledgement, on the in-memory and the embedded broker. */
class PipelineTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private final InMemoryBroker broker = new InMemoryBroker();
    private final Set<String> topics = new HashSet<>();

    @EventType("catalog.product.changed")
    record Product(@EventKey String sku, @EntityVersion long revision, String title) {}

    record ShopItem(String sku, String name) {}

    @EventType("shop.item.shown")
    record ItemShown(@EventKey String sku) {}

    static final class Mappers {
        @MapsTo
        ShopItem item(Product p) {
            return new ShopItem(p.sku(), p.title());
        }
    }

    @SyncHandler("shop")
    static final class Shop {
        final Map<String, ShopItem> items = new ConcurrentHashMap<>();
        final List<String> log = new ArrayList<>();

        @OnEvent("catalog.product.changed")
        void put(ShopItem item) {
            items.put(item.sku(), item);
            synchronized (log) {
                log.add(item.sku() + "=" + item.name());
            }
        }

        @OnEvent("catalog.product.removed")
        void remove(Event<?> event) {
            items.remove(event.key());
            synchronized (log) {
                log.add(event.key() + " removed");
            }
        }
    }

    /** A test may start several instances one after the other. */
    private void topic(String name, int partitions) {
        if (topics.add(name)) {
            broker.createTopic(name, partitions);
        }
    }

    private Sync.Builder builder(String uri) {
        topic("catalog.product", 3);
        topic("shop.item", 3);
        var builder = Sync.builder("test").dataDirectory(directory.resolve("data"));
        return uri.equals("local:") ? builder.broker(uri) : builder.broker(broker, uri);
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory:", "local:"})
    void anEventGoesThroughAMapperToItsHandlerAndADeleteFollowsInOrder(String uri) {
        var shop = new Shop();
        try (var sync = builder(uri).handlers(shop).mappers(new Mappers()).start()) {
            sync.publisher().publish(new Product("A-1", 7, "Lamp"));
            sync.publisher().publish(new Product("B-2", 1, "Desk"));
            sync.publisher()
                    .publish(Event.delete("catalog.product.removed", "A-1").withVersion(8));
            sync.awaitQuiet(PATIENCE);

            assertThat(shop.items).containsOnlyKeys("B-2");
            assertThat(shop.log).containsSubsequence("A-1=Lamp", "A-1 removed");
            assertThat(sync.health().isReady()).isTrue();
            assertThat(sync.health().isUp()).isTrue();
            assertThat(sync.describe()).contains("catalog.product.changed", "shop", "at-least-once");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory:", "local:"})
    void s23_aDrainedInstanceIsHandedNothingTwiceAfterItsRestart(String uri) {
        var shop = new Shop();
        try (var sync = builder(uri).handlers(shop).mappers(new Mappers()).start()) {
            IntStream.range(0, 500).forEach(i -> sync.publisher().publish(new Product("k" + i % 7, i, "t" + i)));
            sync.stopHandling(PATIENCE);
        }
        try (var sync = builder(uri).handlers(shop).mappers(new Mappers()).start()) {
            sync.awaitQuiet(PATIENCE);
        }
        assertThat(shop.log).hasSize(500).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory:", "local:"})
    void s7_s8_eventsOfAKeyRunOneAtATimeInOrderWhileOthersGoOn(String uri) {
        var watch = new Watch();
        try (var sync = builder(uri)
                .settings(Map.of("defaults.concurrency", "4"))
                .handler("watch", Product.class, (event, delivery) -> watch.on(event))
                .start()) {
            IntStream.range(0, 2000).forEach(i -> sync.publisher().publish(new Product("k" + i % 17, i, "t" + i)));
            sync.awaitQuiet(PATIENCE);
        }
        assertThat(watch.faults).isEmpty();
        assertThat(watch.count).hasValue(2000);
    }

    /** Sees when two events of a key run at once, or one comes before its elder. */
    private static final class Watch {
        final Map<String, AtomicInteger> running = new ConcurrentHashMap<>();
        final Map<String, Long> last = new ConcurrentHashMap<>();
        final ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>();
        final AtomicInteger count = new AtomicInteger();

        Outcome on(Event<Product> event) {
            var key = event.key();
            var others = running.computeIfAbsent(key, k -> new AtomicInteger());
            if (others.incrementAndGet() > 1) {
                faults.add("two at a time: " + key);
            }
            long revision = event.payload().revision();
            var before = last.put(key, revision);
            if (before != null && before >= revision) {
                faults.add(key + ": " + revision + " after " + before);
            }
            others.decrementAndGet();
            count.incrementAndGet();
            return Outcome.done();
        }
    }

    @Nested
    class WhenTheHandlerFails {

        @Test
        void s10_onlyItsKeyWaitsItIsVisibleAndHoldsNothingBack() {
            var done = new ConcurrentLinkedQueue<String>();
            try (var sync = builder("memory:")
                    .settings(Map.of("defaults.retry", "1ms", "defaults.retry-later", "1h"))
                    .handlers(new FailsOn("bad", done))
                    .start()) {
                sync.publisher().publish(new Product("bad", 1, "x"));
                sync.publisher().publish(new Product("bad", 2, "y"));
                for (int i = 0; i < 50; i++) {
                    sync.publisher().publish(new Product("good" + i, 1, "x"));
                }
                await().atMost(PATIENCE).until(() -> done.size() == 50);
                await().atMost(PATIENCE)
                        .until(() -> !sync.health()
                                .handlers()
                                .get("fails")
                                .blockedKeys()
                                .isEmpty());

                var blocked =
                        sync.health().handlers().get("fails").blockedKeys().get(0);
                assertThat(blocked.key()).isEqualTo("bad");
                assertThat(blocked.attempts()).isEqualTo(2);
                assertThat(sync.health().isUp()).isFalse();
                assertThat(sync.health().problems()).anyMatch(problem -> problem.contains("bad"));
                assertThat(done).noneMatch(key -> key.startsWith("bad"));
                sync.awaitQuiet(PATIENCE);
                assertThat(sync.health().handlers().get("fails").lag()).isZero();
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"memory:", "local:"})
        void s11_s7_whatIsParkedIsThereAfterARestartAndGoesFirst(String uri) {
            var settings = Map.of("defaults.retry", "none", "defaults.retry-later", "2s");
            try (var sync = builder(uri)
                    .settings(settings)
                    .handlers(new FailsOn("bad", new ConcurrentLinkedQueue<>()))
                    .start()) {
                sync.publisher().publish(new Product("bad", 1, "x"));
                sync.publisher().publish(new Product("bad", 2, "y"));
                await().atMost(PATIENCE)
                        .until(() -> !sync.health()
                                .handlers()
                                .get("fails")
                                .blockedKeys()
                                .isEmpty());
                sync.awaitQuiet(PATIENCE);
            }
            var seen = new ConcurrentLinkedQueue<String>();
            try (var sync = builder(uri)
                    .settings(settings)
                    .handlers(new FailsOn("none", seen))
                    .start()) {
                sync.publisher().publish(new Product("bad", 3, "z"));
                await().atMost(PATIENCE).until(() -> seen.size() == 3);

                assertThat(seen).containsExactly("bad 1", "bad 2", "bad 3");
                await().atMost(PATIENCE).until(() -> sync.health().isUp());
            }
        }

        @Test
        void aRejectedEventIsNotTriedAgainAndBlocksItsKeyVisibly() {
            var attempts = new AtomicInteger();
            try (var sync = builder("memory:").handlers(new Rejects(attempts)).start()) {
                sync.publisher().publish(new Product("bad", 1, "x"));
                await().atMost(PATIENCE)
                        .until(() -> !sync.health()
                                .handlers()
                                .get("rejects")
                                .blockedKeys()
                                .isEmpty());

                var blocked =
                        sync.health().handlers().get("rejects").blockedKeys().get(0);
                assertThat(blocked.reason()).contains("not wanted");
                assertThat(attempts).hasValue(1);
            }
        }

        @Test
        void theNextAttemptInPlaceHealsIt() {
            var attempts = new ConcurrentLinkedQueue<Integer>();
            try (var sync = builder("memory:")
                    .settings(Map.of("defaults.retry", "1ms 1ms"))
                    .handlers(new FailsTwice(attempts))
                    .start()) {
                sync.publisher().publish(new Product("a", 1, "x"));
                sync.awaitQuiet(PATIENCE);

                assertThat(attempts).containsExactly(1, 2, 3);
                assertThat(sync.health().isUp()).isTrue();
            }
        }
    }

    @SyncHandler(value = "fails", deletes = SyncHandler.Deletes.IGNORE)
    record FailsOn(String key, ConcurrentLinkedQueue<String> done) {
        @OnEvent
        void on(Product p) {
            if (p.sku().equals(key)) {
                throw new IllegalStateException("on purpose");
            }
            done.add(p.sku() + " " + p.revision());
        }
    }

    @SyncHandler(value = "rejects", deletes = SyncHandler.Deletes.IGNORE)
    record Rejects(AtomicInteger attempts) {
        @OnEvent
        Outcome on(Product p) {
            attempts.incrementAndGet();
            return Outcome.reject("not wanted: " + p.sku());
        }
    }

    @SyncHandler(value = "fails-twice", deletes = SyncHandler.Deletes.IGNORE)
    record FailsTwice(ConcurrentLinkedQueue<Integer> attempts) {
        @OnEvent
        void on(Product p, Delivery delivery) {
            attempts.add(delivery.attempt());
            if (delivery.attempt() < 3) {
                throw new IllegalStateException("on purpose: " + p.sku());
            }
        }
    }

    @Nested
    class WhenTheBrokerIsAway {

        @Test
        void l1_startSucceedsEventsWaitInTheOutboxAndGoOnWhenItIsBack() {
            var shop = new Shop();
            builder("memory:");
            broker.stop();
            try (var sync =
                    builder("memory:").handlers(shop).mappers(new Mappers()).start()) {
                sync.publisher().publish(new Product("A-1", 7, "Lamp"));
                assertThat(sync.health().isReady()).isFalse();
                assertThat(sync.health().problems()).isNotEmpty();
                await().atMost(PATIENCE).until(() -> sync.health().outbox().unshipped() == 1);

                broker.start();
                await().atMost(PATIENCE).until(() -> shop.items.containsKey("A-1"));
                await().atMost(PATIENCE).until(() -> sync.health().isReady());
            }
        }

        @Test
        void lagIsUnknownAndNotWhatItWas() {
            try (var sync = builder("memory:")
                    .handlers(new Shop())
                    .mappers(new Mappers())
                    .start()) {
                await().atMost(PATIENCE).until(() -> lag(sync) == 0);

                broker.stop();
                await().atMost(PATIENCE).until(() -> lag(sync) == -1);

                broker.start();
                await().atMost(PATIENCE).until(() -> lag(sync) == 0);
            }
        }

        private long lag(Sync sync) {
            return sync.health().handlers().get("shop").lag();
        }

        @Test
        void s1_whatWasPublishedBeforeTheBrokerWasEverThereIsShippedAfterARestart() {
            var shop = new Shop();
            builder("memory:");
            broker.stop();
            try (var sync =
                    builder("memory:").handlers(shop).mappers(new Mappers()).start()) {
                sync.publisher().publish(new Product("A-1", 7, "Lamp"));
            }
            broker.start();
            try (var sync =
                    builder("memory:").handlers(shop).mappers(new Mappers()).start()) {
                sync.awaitQuiet(PATIENCE);
            }
            assertThat(shop.items).containsKey("A-1");
        }

        @Test
        void aMissingTopicFailsTheStartAndIsNamed() {
            var builder = Sync.builder("test")
                    .dataDirectory(directory)
                    .broker(new InMemoryBroker(), "memory:")
                    .handlers(new Shop())
                    .mappers(new Mappers());
            assertThatThrownBy(builder::start)
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("catalog.product");
        }
    }

    @Nested
    class PublishingFromAHandler {

        @Test
        void belongsToTheAttemptAndAFailedOnePublishesNothing() {
            var shown = new ConcurrentLinkedQueue<Event<?>>();
            try (var sync = builder("memory:")
                    .settings(Map.of("defaults.retry", "1ms"))
                    .handlers(new Shows(), new ShownLog(shown))
                    .start()) {
                var cause = sync.publisher().publish(new Product("A-1", 7, "Lamp"));
                sync.awaitQuiet(PATIENCE);

                assertThat(shown).hasSize(1);
                var event = shown.element();
                assertThat(event.causationId()).contains(cause.id());
                assertThat(event.correlationId()).isEqualTo(cause.correlationId());
            }
        }
    }

    @SyncHandler(value = "shows", deletes = SyncHandler.Deletes.IGNORE)
    static final class Shows {
        @OnEvent
        void on(Product p, Delivery delivery, EventPublisher events) {
            events.publish(new ItemShown(p.sku()));
            if (delivery.attempt() == 1) {
                throw new IllegalStateException("after publishing");
            }
        }
    }

    @SyncHandler(value = "shown", deletes = SyncHandler.Deletes.IGNORE)
    record ShownLog(ConcurrentLinkedQueue<Event<?>> shown) {
        @OnEvent
        void on(Event<ItemShown> event) {
            shown.add(event);
        }
    }

    @Nested
    class TheStoresId {

        @Test
        void s13_aPartitionAcknowledgedBesideAnotherStoreIsNotReadAndTheRemediesAreNamed() {
            var shop = new Shop();
            try (var sync =
                    builder("memory:").handlers(shop).mappers(new Mappers()).start()) {
                sync.publisher().publish(new Product("A-1", 7, "Lamp"));
                sync.awaitQuiet(PATIENCE);
            }
            var other = builder("memory:").dataDirectory(directory.resolve("lost"));
            try (var sync = other.handlers(shop).mappers(new Mappers()).start()) {
                await().atMost(PATIENCE)
                        .until(() -> sync.health().problems().stream().anyMatch(p -> p.contains("adopt")));
                assertThat(sync.health().isReady()).isFalse();
                sync.publisher().publish(new Product("A-1", 8, "Lamp 8"));
            }
            assertThat(shop.log).containsExactly("A-1=Lamp");

            var adopting = builder("memory:")
                    .dataDirectory(directory.resolve("lost"))
                    .settings(Map.of("handlers.shop.adopt", "*"));
            try (var sync = adopting.handlers(shop).mappers(new Mappers()).start()) {
                sync.awaitQuiet(PATIENCE);
            }
            assertThat(shop.log).containsExactly("A-1=Lamp", "A-1=Lamp 8");
        }
    }

    @Nested
    class OnGuice {

        static final class Tally {
            final AtomicInteger count = new AtomicInteger();
        }

        @SyncHandler(value = "tally", deletes = SyncHandler.Deletes.IGNORE)
        static class TallyHandler {
            private final Tally tally;

            @Inject
            TallyHandler(Tally tally, EventPublisher events) {
                this.tally = tally;
                assertThat(events).isNotNull();
            }

            @OnEvent("catalog.product.changed")
            void on(ShopItem item) {
                tally.count.addAndGet(item.name().length());
            }
        }

        @Test
        void handlersAndMappersAreFoundAmongTheBindings() {
            var tally = new Tally();
            topic("catalog.product", 1);
            var injector = Guice.createInjector(
                    new SyncModule(
                            "test", sync -> sync.broker(broker, "memory:").dataDirectory(directory.resolve("guice"))),
                    new AbstractModule() {
                        @Override
                        protected void configure() {
                            bind(Tally.class).toInstance(tally);
                            bind(TallyHandler.class);
                            bind(Mappers.class).toInstance(new Mappers());
                        }
                    });
            try (var sync = injector.getInstance(Sync.class)) {
                sync.start();
                injector.getInstance(EventPublisher.class).publish(new Product("A-1", 1, "Lamp"));
                sync.awaitQuiet(PATIENCE);
            }
            assertThat(tally.count).hasValue(4);
        }

        @Test
        void handlersGivenAsClassesAreMadeByGuice() {
            topic("catalog.product", 1);
            try (var sync = Sync.builder("test")
                    .broker(broker, "memory:")
                    .dataDirectory(directory.resolve("classes"))
                    .handlers(TallyHandler.class)
                    .mappers(Mappers.class)
                    .start()) {
                sync.publisher().publish(new Product("A-1", 1, "Lamp"));
                sync.awaitQuiet(PATIENCE);
            }
        }
    }

    @Nested
    class Closing {

        @Test
        void leavesNoThreadAndCanBeDoneTwice() {
            var before = Threads.named("syncline-test");
            var sync = builder("memory:")
                    .handlers(new Shop())
                    .mappers(new Mappers())
                    .start();
            assertThat(Threads.named("syncline-test")).hasSizeGreaterThan(before.size());
            sync.close();
            sync.close();
            await().atMost(PATIENCE).until(() -> Threads.named("syncline-test").isEmpty());
            assertThatThrownBy(() -> sync.publisher().publish(new Product("A-1", 1, "Lamp")))
                    .isInstanceOf(OutboxException.class)
                    .hasMessageContaining("closed");
        }

        @Test
        void aHandlerMayClose() throws Exception {
            var sync = new Sync[1];
            var started = new CountDownLatch(1);
            sync[0] = builder("memory:")
                    .handler("closer", ItemShown.class, (event, delivery) -> {
                        started.await();
                        sync[0].close();
                        return Outcome.done();
                    })
                    .start();
            sync[0].publisher().publish(new ItemShown("A-1"));
            started.countDown();
            sync[0].awaitClose();
            await().atMost(PATIENCE).until(() -> Threads.named("syncline-test").isEmpty());
        }

        @Test
        void s23_aHandlerThatRunsOverTheDeadlineIsInterruptedAndItsEventComesAgain() {
            var entered = new CountDownLatch(1);
            var release = new CountDownLatch(1);
            var interrupted = new CountDownLatch(1);
            topic("shop.item", 1);
            var sync = Sync.builder("test")
                    .dataDirectory(directory.resolve("data"))
                    .broker(broker, "memory:")
                    .handlers(new Hangs(entered, release, interrupted))
                    .start();
            sync.publisher().publish(new ItemShown("A-1"));
            await().atMost(PATIENCE).until(() -> entered.getCount() == 0);
            sync.stopHandling(Duration.ofMillis(50));
            sync.close();
            assertThat(interrupted.getCount()).isZero();
            assertThat(broker.acknowledged("test.hangs", new TopicPartition("shop.item", 0)))
                    .isEmpty();
        }
    }

    @SyncHandler(value = "hangs", deletes = SyncHandler.Deletes.IGNORE)
    record Hangs(CountDownLatch entered, CountDownLatch release, CountDownLatch interrupted) {
        @OnEvent
        void on(ItemShown shown) throws InterruptedException {
            entered.countDown();
            try {
                release.await(60, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                interrupted.countDown();
                throw e;
            }
        }
    }

    @Nested
    class AHandlerThatIsGone {

        @ParameterizedTest
        @ValueSource(strings = {"memory:", "local:"})
        void keepsItsPositionUntilItIsForgotten(String uri) {
            var first = new Shop();
            try (var sync = builder(uri).handlers(first).mappers(new Mappers()).start()) {
                sync.publisher().publish(new Product("A-1", 7, "Lamp"));
                sync.awaitQuiet(PATIENCE);
                assertThatThrownBy(() -> sync.forgetHandler("shop"))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("at work");
            }
            var kept = new Shop();
            try (var sync = builder(uri).start()) {
                assertThat(sync.health().isUp()).isTrue();
            }
            try (var sync = builder(uri).handlers(kept).mappers(new Mappers()).start()) {
                sync.awaitQuiet(PATIENCE);
            }
            assertThat(kept.log).isEmpty();

            var forgotten = new Shop();
            try (var sync = builder(uri).start()) {
                sync.forgetHandler("shop");
            }
            try (var sync =
                    builder(uri).handlers(forgotten).mappers(new Mappers()).start()) {
                sync.awaitQuiet(PATIENCE);
            }
            assertThat(forgotten.log).containsExactly("A-1=Lamp");
        }
    }

    @Nested
    class SeveralBrokersAndInstances {

        @Test
        void aRouteSendsATypeToAnotherBroker() {
            topic("products", 2);
            var shop = new Shop();
            try (var sync = Sync.builder("test")
                    .dataDirectory(directory.resolve("data"))
                    .broker(broker, "memory:")
                    .broker("other", "memory:", Map.of())
                    .route("catalog.product.*", "other", "products")
                    .handlers(shop)
                    .mappers(new Mappers())
                    .start()) {
                sync.publisher().publish(new Product("A-1", 1, "Lamp"));
                sync.awaitQuiet(PATIENCE);
                assertThat(shop.items).containsKey("A-1");
                assertThat(broker.messages("products")).hasSize(1);
            }
        }

        @Test
        void twoInstancesLiveInOneJvm() {
            topic("catalog.product", 2);
            var one = new Shop();
            var two = new Shop();
            try (var a = Sync.builder("one")
                            .dataDirectory(directory.resolve("one"))
                            .broker(broker, "memory:")
                            .handlers(one)
                            .mappers(new Mappers())
                            .start();
                    var b = Sync.builder("two")
                            .dataDirectory(directory.resolve("two"))
                            .broker(broker, "memory:")
                            .handlers(two)
                            .mappers(new Mappers())
                            .start()) {
                a.publisher().publish(new Product("A-1", 1, "Lamp"));
                a.awaitQuiet(PATIENCE);
                await().atMost(PATIENCE).until(() -> two.items.containsKey("A-1"));
                assertThat(one.items).containsKey("A-1");
                assertThat(b.health().isUp()).isTrue();
            }
        }

        @Test
        void s14_aSecondInstanceOnOneDirectoryIsRefusedNamingTheHolder() {
            try (var first = builder("local:")
                    .handlers(new Shop())
                    .mappers(new Mappers())
                    .start()) {
                var second = builder("local:").handlers(new Shop()).mappers(new Mappers());
                assertThatThrownBy(second::start)
                        .isInstanceOf(ConfigurationException.class)
                        .hasMessageContaining(
                                String.valueOf(ProcessHandle.current().pid()));
                assertThat(first.health().isUp()).isTrue();
            }
        }
    }
}
