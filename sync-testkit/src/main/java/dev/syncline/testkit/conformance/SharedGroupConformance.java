package dev.syncline.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.syncline.api.EntityVersion;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.OnEvent;
import dev.syncline.api.SyncHandler;
import dev.syncline.runtime.DeadLetter;
import dev.syncline.runtime.DeadLetters.Selection;
import dev.syncline.runtime.Health.BlockedKey;
import dev.syncline.runtime.Sync;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What holds over several instances of one application that share their state, whatever the broker and the store:
 * members join and leave, each with a data directory of its own, and nothing is applied twice, out of order or not at all.
 */
public abstract class SharedGroupConformance {

    /** Partitions of the topic. */
    protected static final int PARTITIONS = 4;

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int KEYS = 12;

    @TempDir
    Path directory;

    private final String application = "app-" + UUID.randomUUID().toString().substring(0, 8);
    private final Ledger ledger = new Ledger();
    private final List<Sync> members = new ArrayList<>();
    private final Map<String, Long> published = new HashMap<>();

    /** Makes the suite; JUnit does. */
    protected SharedGroupConformance() {}

    /** Adds broker and shared state to a member; the topic is there, with {@value #PARTITIONS} partitions. */
    protected abstract Sync.Builder onServers(Sync.Builder member, String topic);

    /** Makes the store of shared state answer nobody. */
    protected abstract void takeStateAway();

    /** Lets it answer again, with all that it had. */
    protected abstract void bringStateBack();

    @EventType("catalog.item.changed")
    record Item(@EventKey String key, @EntityVersion long number) {}

    /** What was applied, by all members, in the order in which it was. */
    static final class Ledger {
        final List<String> entries = new ArrayList<>();
        final Set<String> broken = ConcurrentHashMap.newKeySet();

        synchronized void add(String entry) {
            entries.add(entry);
        }

        synchronized List<String> of(String key) {
            return entries.stream().filter(entry -> entry.startsWith(key + " ")).toList();
        }

        synchronized int size() {
            return entries.size();
        }
    }

    @SyncHandler(value = "shop", deletes = SyncHandler.Deletes.IGNORE)
    record Shop(Ledger ledger) {
        @OnEvent("catalog.item.changed")
        void on(Item item) {
            if (ledger.broken.contains(item.key())) {
                throw new IllegalStateException("broken");
            }
            ledger.add(item.key() + " " + item.number());
        }
    }

    @BeforeEach
    void breakNothing() {
        ledger.broken.clear();
    }

    @AfterEach
    void closeAll() {
        members.forEach(Sync::close);
    }

    private Sync member(String id) {
        return member(id, "24h");
    }

    private Sync member(String id, String giveUpAfter) {
        var topic = application + ".item";
        var builder = Sync.builder(application)
                .dataDirectory(directory.resolve(id))
                .settings(Map.of(
                        "defaults.retry", "none",
                        "defaults.retry-later", "200ms",
                        "defaults.give-up-after", giveUpAfter,
                        "defaults.breaker", "off",
                        "defaults.concurrency", "2"))
                .route("catalog.item.*", "", topic)
                .handlers(new Shop(ledger));
        var member = onServers(builder, topic).start();
        members.add(member);
        return member;
    }

    private void leave(Sync member) {
        member.close();
        members.remove(member);
    }

    private void publish(Sync by, String key) {
        long number = published.merge(key, 1L, Long::sum);
        by.publisher().publish(new Item(key, number));
    }

    /** A further event of each key, so many times. */
    private void publishRounds(Sync by, int rounds) {
        for (int i = 0; i < rounds; i++) {
            for (int key = 0; key < KEYS; key++) {
                publish(by, "k" + key);
            }
        }
    }

    private List<String> expected(String key) {
        return IntStream.rangeClosed(1, published.getOrDefault(key, 0L).intValue())
                .mapToObj(number -> key + " " + number)
                .toList();
    }

    private void awaitAllApplied() {
        long all = published.values().stream().mapToLong(n -> n).sum();
        await("applied " + all).atMost(PATIENCE).until(() -> ledger.size() >= all);
        for (var key : published.keySet()) {
            assertThat(ledger.of(key)).as("of key %s", key).containsExactlyElementsOf(expected(key));
        }
    }

    private static Stream<String> problems(Sync... of) {
        return Arrays.stream(of).flatMap(member -> member.health().problems().stream());
    }

    @Test
    void s7_s8_membersThatJoinAndLeaveApplyEachEventOnceAndInOrder() {
        var first = member("first");
        publishRounds(first, 5);
        var second = member("second");
        publishRounds(first, 5);
        awaitAllApplied();
        var third = member("third");
        publishRounds(second, 5);
        awaitAllApplied();
        leave(first);
        publishRounds(third, 5);
        awaitAllApplied();
        leave(second);
        publishRounds(third, 5);
        awaitAllApplied();
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(problems(third)).isEmpty());
        assertThat(third.health().isReady()).isTrue();
    }

    @Test
    void s7_aParkedKeyGoesOnWithTheSurvivorAndNothingOvertakesIt() {
        ledger.broken.add("bad");
        var first = member("first");
        publish(first, "bad");
        publish(first, "bad");
        publish(first, "good");
        await().atMost(PATIENCE).until(() -> ledger.size() == 1 && isParked(first, "bad"));
        leave(first);

        var second = member("second");
        publish(second, "bad");
        publish(second, "good");
        await().atMost(PATIENCE).until(() -> ledger.of("good").size() == 2 && isParked(second, "bad"));
        assertThat(ledger.of("bad")).isEmpty();
        ledger.broken.clear();

        awaitAllApplied();
        await().atMost(PATIENCE).until(() -> !isParked(second, "bad"));
    }

    @Test
    void s12_aDeadLetterIsListedAndRedrivenByWhomeverHasItsPartition() throws Exception {
        ledger.broken.add("bad");
        var first = member("first", "100ms");
        publish(first, "bad");
        publish(first, "bad");
        await().atMost(PATIENCE).until(() -> first.deadLetters().count(Selection.all()) == 1);
        leave(first);
        var second = member("second", "100ms");
        await().atMost(PATIENCE).until(() -> second.deadLetters().count(Selection.all()) == 1);
        ledger.broken.clear();

        var letter = second.deadLetters().list(Selection.all(), null, 10).get(0);
        assertThat(letter.key()).isEqualTo("bad");
        assertThat(letter.lettersBehind()).isEqualTo(1);
        var isRedriven =
                second.deadLetters().redrive(letter).toCompletableFuture().get();

        assertThat(isRedriven).isTrue();
        awaitAllApplied();
        await().atMost(PATIENCE).until(() -> second.deadLetters().count(Selection.all()) == 0);
    }

    /** Both instances are asked to redrive every letter, at the same time, while their partitions move. */
    @Test
    void s12_redrivesFromTwoInstancesAtOnceHandleEachEventOnceAndInOrder() throws Exception {
        int keys = 8;
        for (int key = 0; key < keys; key++) {
            ledger.broken.add("bad" + key);
        }
        var first = member("first", "100ms");
        var second = member("second", "100ms");
        for (int round = 0; round < 3; round++) {
            for (int key = 0; key < keys; key++) {
                publish(first, "bad" + key);
            }
        }
        await().atMost(PATIENCE)
                .until(() -> letters(first).size() + letters(second).size() == keys);
        var letters = new ArrayList<>(letters(first));
        letters.addAll(letters(second));
        ledger.broken.clear();

        var redrives = Stream.of(first, second)
                .map(member -> CompletableFuture.runAsync(() -> redriveAll(member, letters)))
                .toList();
        var third = member("third", "100ms");
        for (var redrive : redrives) {
            redrive.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
        // what was on its way to another instance meanwhile
        await().atMost(PATIENCE).until(() -> {
            Stream.of(first, second, third).forEach(member -> redriveAll(member, letters(member)));
            return ledger.size() >= 3 * keys;
        });

        awaitAllApplied();
    }

    private static List<DeadLetter> letters(Sync member) {
        return member.deadLetters().list(Selection.all(), null, 100);
    }

    private static void redriveAll(Sync by, List<DeadLetter> letters) {
        letters.stream().map(by.deadLetters()::redrive).toList().forEach(redrive -> {
            // whether it was there, and not being redriven, is what each of them answers
            redrive.toCompletableFuture().exceptionally(gone -> false).join();
        });
    }

    /** Nobody waits for anybody: each joins or leaves while the last change is still being worked out. */
    @Test
    void l6_membersThatComeAndGoInQuickSuccessionSettleAndTheGroupGoesOn() {
        var stays = member("stays");
        for (int change = 0; change < 12; change++) {
            if (members.size() < 3 && change % 3 != 2) {
                member("m" + change);
            } else {
                leave(members.get(1 + change % (members.size() - 1)));
            }
            publishRounds(stays, 2);
        }
        await().atMost(PATIENCE)
                .until(() -> members.stream()
                        .allMatch(member -> member.health().isReady()
                                && member.health().problems().isEmpty()));

        publishRounds(stays, 2);
        awaitAllApplied();
    }

    @Test
    void l1_whileTheStateIsAwayEventsWaitAndNoAttemptIsSpentAndThenTheyGoOn() {
        var member = member("first");
        publishRounds(member, 1);
        awaitAllApplied();

        takeStateAway();
        int before = ledger.size();
        publishRounds(member, 1);
        await().atMost(PATIENCE).until(() -> problems(member).anyMatch(problem -> problem.contains("shared state")));
        assertThat(member.health().isReady()).isFalse();
        assertThat(ledger.size()).isEqualTo(before);
        bringStateBack();

        awaitAllApplied();
        await().atMost(PATIENCE).until(() -> member.health().isReady());
        assertThat(blockedKeys(member)).isEmpty();
    }

    private static boolean isParked(Sync member, String key) {
        return blockedKeys(member).stream().anyMatch(blocked -> blocked.key().equals(key));
    }

    private static List<BlockedKey> blockedKeys(Sync member) {
        var shop = member.health().handlers().get("shop");
        return shop == null ? List.of() : shop.blockedKeys();
    }
}
