package dev.syncline.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.syncline.api.ConfigurationException;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.OnEvent;
import dev.syncline.api.SyncHandler;
import dev.syncline.runtime.DeadLetter;
import dev.syncline.runtime.DeadLetters.Selection;
import dev.syncline.runtime.Health.HandlerHealth;
import dev.syncline.runtime.Sync;
import dev.syncline.spi.LogStore;
import dev.syncline.spi.LogStore.LogScope;
import dev.syncline.spi.OwnedLog.LogEntry;
import dev.syncline.spi.TopicPartition;
import dev.syncline.testkit.InMemoryBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What holds of an application that parks elsewhere ({@code parkOn}), whatever keeps its logs: nothing is settled that is
 * not there, order is kept around outages and lost directories, and a log has one writer. Events come over a broker in
 * memory, so that only the logs go away.
 */
public abstract class ParkOnConformance {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String TOPIC = "shop.item";
    private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);

    @TempDir
    Path directory;

    private final String application = "app-" + UUID.randomUUID().toString().substring(0, 8);
    private final LogScope log = new LogScope(application, "shop", "default");
    private final InMemoryBroker broker = new InMemoryBroker();
    private final List<String> handled = new CopyOnWriteArrayList<>();
    private final Set<String> broken = ConcurrentHashMap.newKeySet();
    private final Map<String, Integer> published = new HashMap<>();
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch leave = new CountDownLatch(1);

    /** Makes the suite; JUnit does. */
    protected ParkOnConformance() {}

    /** Lets an application park there; what is missing is made. */
    protected abstract Sync.Builder parkOn(Sync.Builder application);

    /** The same store in the hands of the test, which closes it. */
    protected abstract LogStore open(String ofApplication);

    /** Makes the store answer nobody. */
    protected abstract void takeAway();

    /** Lets it answer again, with all that it had. */
    protected abstract void bringBack();

    @EventType("shop.item.changed")
    record Item(@EventKey String key, int number) {}

    @SyncHandler(value = "shop", deletes = SyncHandler.Deletes.IGNORE)
    final class Shop {
        @OnEvent("shop.item.changed")
        void on(Item item) throws InterruptedException {
            if (broken.contains(item.key())) {
                throw new IllegalStateException("broken");
            }
            if (item.key().equals("slow")) {
                entered.countDown();
                leave.await();
            }
            handled.add(item.key() + item.number());
        }
    }

    private Sync.Builder application(String data, Map<String, String> more) {
        if (published.isEmpty()) {
            broker.createTopic(TOPIC, 1);
            published.put("", 0);
        }
        var settings = new HashMap<>(Map.of(
                "defaults.retry", "none",
                "defaults.retry-later", "300ms",
                "defaults.concurrency", "2",
                "defaults.breaker", "off",
                "handlers.shop.adopt", "*"));
        settings.putAll(more);
        return Sync.builder(application)
                .broker(broker, "memory:")
                .dataDirectory(directory.resolve(data))
                .settings(settings)
                .handlers(new Shop());
    }

    private Sync start(String data) {
        return parkOn(application(data, Map.of())).start();
    }

    /** What fails is a dead letter at once. */
    private Sync startImpatient(String data) {
        return parkOn(application(data, Map.of("defaults.retry-later", "none"))).start();
    }

    private void publish(Sync sync, String key, int times) {
        for (int i = 0; i < times; i++) {
            sync.publisher().publish(new Item(key, published.merge(key, 1, Integer::sum)));
        }
    }

    private List<String> handledOf(String key) {
        return handled.stream().filter(entry -> entry.startsWith(key)).toList();
    }

    private static HandlerHealth shop(Sync sync) {
        return Objects.requireNonNull(sync.health().handlers().get("shop"));
    }

    private static long inFlight(Sync sync) {
        return shop(sync).inFlight();
    }

    /** Waits until nothing is in flight: all that came is handled or parked. */
    private void awaitSettled(Sync sync) {
        sync.awaitQuiet(PATIENCE);
    }

    private void awaitBlocked(Sync sync, int keys) {
        await().atMost(PATIENCE).until(() -> shop(sync).blockedKeys().size() == keys);
    }

    private static void awaitProblem(Sync sync, String part) {
        await().atMost(PATIENCE)
                .until(() -> sync.health().problems().stream().anyMatch(problem -> problem.contains(part)));
        assertThat(sync.health().isReady()).isFalse();
    }

    private static void awaitReady(Sync sync) {
        await().atMost(PATIENCE).until(() -> sync.health().isReady());
    }

    /** So many, by their keys. */
    private static List<DeadLetter> dead(Sync sync, int letters) {
        await().atMost(PATIENCE).until(() -> sync.deadLetters().count(Selection.all()) == letters);
        return sync.deadLetters().list(Selection.all(), null, 100).stream()
                .sorted(Comparator.comparing(DeadLetter::key))
                .toList();
    }

    /** What is not noted in time is asked for again. */
    private static void takesPlace(Supplier<CompletionStage<Boolean>> command) {
        await().atMost(PATIENCE)
                .ignoreExceptionsInstanceOf(ExecutionException.class)
                .until(() -> get(command.get()));
    }

    private static <T> T get(CompletionStage<T> answer) throws Exception {
        return answer.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void s11_whatIsParkedOutlivesTheDataDirectory() throws Exception {
        broken.addAll(Set.of("a", "b"));
        try (var sync = startImpatient("first")) {
            publish(sync, "a", 3);
            publish(sync, "b", 2);
            publish(sync, "c", 1);
            awaitSettled(sync);
            dead(sync, 2);
        }
        assertThat(handled).containsExactly("c1");

        try (var sync = start("second")) {
            var letters = dead(sync, 2);
            assertThat(letters).extracting(DeadLetter::key).containsExactly("a", "b");
            assertThat(letters).extracting(DeadLetter::lettersBehind).containsExactly(2, 1);
            publish(sync, "a", 1);
            awaitSettled(sync);
            broken.clear();
            for (var letter : letters) {
                takesPlace(() -> sync.deadLetters().redrive(letter));
            }
            await().atMost(PATIENCE).until(() -> handled.size() == 7);
            publish(sync, "a", 1);
            await().atMost(PATIENCE).until(() -> handled.size() == 8);
        }
        assertThat(handledOf("a")).containsExactly("a1", "a2", "a3", "a4", "a5");
        assertThat(handledOf("b")).containsExactly("b1", "b2");

        try (var sync = start("third")) {
            awaitReady(sync);
            assertThat(sync.deadLetters().count(Selection.all())).isZero();
        }
        assertThat(handled).hasSize(8);
    }

    @Test
    void s11_nothingIsSettledThatIsNotThereAndOtherKeysGoOn() {
        try (var sync = start("data")) {
            publish(sync, "c", 1);
            awaitSettled(sync);
            await().atMost(PATIENCE)
                    .until(() -> broker.acknowledged(log.group(), PARTITION).isPresent());
            var before = broker.acknowledged(log.group(), PARTITION).orElseThrow();
            takeAway();
            broken.add("a");
            publish(sync, "a", 2);
            publish(sync, "c", 20);

            await().atMost(PATIENCE).until(() -> handledOf("c").size() == 21);
            awaitBlocked(sync, 1);
            awaitProblem(sync, "holds back its partitions");
            assertThat(inFlight(sync)).isGreaterThanOrEqualTo(2);
            assertThat(broker.acknowledged(log.group(), PARTITION)).contains(before);

            bringBack();
            awaitSettled(sync);
            awaitReady(sync);
            publish(sync, "a", 1);
            awaitSettled(sync);
            broken.clear();
            await().atMost(PATIENCE).until(() -> handledOf("a").size() == 3);
        }
        assertThat(handledOf("a")).containsExactly("a1", "a2", "a3");
    }

    @Test
    void s11_whatCouldNotBeParkedBeforeTheEndComesAgain() {
        try (var sync = start("data")) {
            awaitReady(sync);
            takeAway();
            broken.add("a");
            publish(sync, "a", 2);
            awaitBlocked(sync, 1);
            sync.stopHandling(Duration.ofSeconds(1));
        }
        bringBack();
        try (var sync = startImpatient("data")) {
            awaitSettled(sync);
            assertThat(dead(sync, 1)).extracting(DeadLetter::lettersBehind).containsExactly(1);
        }
        try (var sync = start("another")) {
            assertThat(dead(sync, 1)).extracting(DeadLetter::lettersBehind).containsExactly(1);
        }
    }

    @Test
    void s12_aStartWithoutItReadsNoEventBeforeItIsKnownWhatIsParked() throws Exception {
        broken.add("a");
        try (var sync = startImpatient("data")) {
            publish(sync, "a", 1);
            awaitSettled(sync);
            dead(sync, 1);
        }
        takeAway();
        try (var sync = start("data")) {
            awaitProblem(sync, "partitions are read when it is known what is parked");
            broken.clear();
            publish(sync, "a", 1);
            publish(sync, "c", 1);
            await().atMost(PATIENCE).until(() -> broker.messages(TOPIC).size() == 3);
            assertThat(handled).isEmpty();

            bringBack();
            await().atMost(PATIENCE).until(() -> handled.contains("c1"));
            awaitReady(sync);
            var letter = dead(sync, 1).get(0);
            takesPlace(() -> sync.deadLetters().redrive(letter));
            await().atMost(PATIENCE).until(() -> handledOf("a").size() == 2);
        }
        assertThat(handledOf("a")).containsExactly("a1", "a2");
    }

    @Test
    void s12_aKeyWhoseEndCouldNotBeNotedIsNotFreeAndItsHeadIsNotAppliedTwice() throws Exception {
        broken.add("slow");
        try (var sync = start("data")) {
            publish(sync, "slow", 1);
            awaitSettled(sync);
            awaitBlocked(sync, 1);
            broken.clear();
            assertThat(entered.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            takeAway();
            leave.countDown();
            publish(sync, "slow", 1);
            awaitProblem(sync, "holds back its partitions");
            bringBack();
            await().atMost(PATIENCE).until(() -> handledOf("slow").size() == 2);
            awaitSettled(sync);
        }
        assertThat(handled).containsExactly("slow1", "slow2");
        try (var sync = start("another")) {
            awaitReady(sync);
            awaitSettled(sync);
        }
        assertThat(handled).as("nothing came back").hasSize(2);
    }

    @Test
    void s12_aCommandThatCouldNotBeNotedFailsAndTheLetterIsAsItWas() throws Exception {
        broken.addAll(Set.of("a", "b"));
        try (var sync = startImpatient("data")) {
            publish(sync, "a", 2);
            publish(sync, "b", 2);
            awaitSettled(sync);
            var letters = dead(sync, 2);
            takeAway();
            var desk = sync.deadLetters();
            assertThatThrownBy(() -> get(desk.skip(letters.get(0), "me", "why")))
                    .isInstanceOf(ExecutionException.class);
            assertThatThrownBy(() -> get(desk.drop(letters.get(1), "me", "why")))
                    .isInstanceOf(ExecutionException.class);
            assertThatThrownBy(() -> get(desk.redrive(letters.get(1)))).isInstanceOf(ExecutionException.class);
            assertThat(desk.count(Selection.all())).isEqualTo(2);

            bringBack();
            awaitReady(sync);
            broken.clear();
            takesPlace(() -> desk.skip(letters.get(0), "me", "why"));
            takesPlace(() -> desk.redrive(letters.get(1)));
            await().atMost(PATIENCE).until(() -> handled.size() == 3);
        }
        assertThat(handledOf("a")).containsExactly("a2");
        assertThat(handledOf("b")).containsExactly("b1", "b2");
    }

    @Test
    void s13_aSecondWriterTakesItAndTheFirstSettlesNothingThatItCannotPark() throws Exception {
        broken.addAll(Set.of("a", "b"));
        try (var sync = startImpatient("data")) {
            publish(sync, "a", 1);
            awaitSettled(sync);
            dead(sync, 1);
            try (var store = open(application)) {
                var second = get(store.takeLog(log, "another"));
                var there = LogBehaviours.read(second, 0, 100);
                publish(sync, "b", 1);
                publish(sync, "a", 1);
                publish(sync, "c", 1);

                awaitProblem(sync, "another instance has taken");
                await().atMost(PATIENCE).until(() -> handled.contains("c1"));
                assertThat(inFlight(sync)).isGreaterThanOrEqualTo(2);
                assertThat(LogBehaviours.read(second, 0, 100))
                        .extracting(LogEntry::index)
                        .isEqualTo(there.stream().map(LogEntry::index).toList());
            }
        }
        try (var sync = startImpatient("data")) {
            awaitSettled(sync);
            var letters = dead(sync, 2);
            broken.clear();
            for (var letter : letters) {
                takesPlace(() -> sync.deadLetters().redrive(letter));
            }
            await().atMost(PATIENCE).until(() -> handled.size() == 4);
        }
        assertThat(handledOf("a")).containsExactly("a1", "a2");
        assertThat(handledOf("b")).containsExactly("b1");
    }

    @Test
    void aHandlerThatIsForgottenLeavesNothingThere() throws Exception {
        broken.add("a");
        try (var sync = startImpatient("data")) {
            publish(sync, "a", 2);
            awaitSettled(sync);
            dead(sync, 1);
        }
        var without = Sync.builder(application).broker(broker, "memory:").dataDirectory(directory.resolve("data"));
        try (var sync = parkOn(without).start()) {
            sync.forgetHandler("shop");
        }
        try (var store = open(application)) {
            assertThat(LogBehaviours.read(get(store.takeLog(log, "test")), 0, 100))
                    .isEmpty();
        }
    }

    @Test
    void whatIsParkedOnTheDiskKeepsAHandlerFromParkingElsewhere() {
        broken.add("a");
        try (var sync =
                application("data", Map.of("defaults.retry-later", "none")).start()) {
            publish(sync, "a", 1);
            awaitSettled(sync);
            dead(sync, 1);
        }
        assertThatThrownBy(() -> start("data"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("handlers.shop.park-on=disk");
        var onDisk = parkOn(application("data", Map.of("handlers.shop.park-on", "disk")));
        try (var sync = onDisk.start()) {
            assertThat(sync.describe()).contains("parked events: in the data directory");
            dead(sync, 1);
        }
    }
}
