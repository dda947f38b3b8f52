package dev.syncline.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.syncline.testkit.server.ChildJvm;
import dev.syncline.testkit.server.RealRedis;
import dev.syncline.testkit.server.RedisServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several processes of one application that share their state on Redis, one of which is paused or killed. */
class SharedMembersTest {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int KEYS = 8;

    @RealRedis(exclusive = true)
    static RedisServer redis;

    @TempDir
    Path directory;

    private final String application = "app-" + UUID.randomUUID().toString().substring(0, 8);

    private ChildJvm child(String member) {
        var child = ChildJvm.of(SharedMember.Main.class)
                .args(SharedMember.arguments(redis, application, member, directory))
                .start();
        child.awaitLine("^started$", PATIENCE);
        return child;
    }

    private SharedMember here(String member) {
        return new SharedMember(redis.uri(), application, member, directory);
    }

    private List<String> ledger() {
        var all = (List<?>) redis.command("LRANGE", SharedMember.ledger(application), "0", "-1");
        return all.stream().map(String::valueOf).toList();
    }

    /** The zombie ends its attempt after another owner began with the same event: its mark must not count. */
    @Test
    void s13_aPausedMemberMarksNothingAfterItsPartitionWasTaken() {
        try (var zombie = child("zombie")) {
            try (var survivor = here("survivor")) {
                // both are members; the event goes to a partition of the zombie, so try keys until one does
                for (int i = 0; zombie.lines().stream().noneMatch(line -> line.startsWith("began")); i++) {
                    survivor.publish("slow-" + i, 1);
                    await().pollDelay(Duration.ZERO)
                            .atMost(PATIENCE)
                            .until(() -> zombie.lines().stream().anyMatch(line -> line.startsWith("began"))
                                    || survivor.inFlight() > 0);
                }
                var began = zombie.awaitLine("^began slow", PATIENCE);
                var key = began.substring("began ".length(), began.lastIndexOf(' '));
                zombie.pause();
                await("the survivor owns all").atMost(PATIENCE).until(() -> isOwnedByOne());
                await("the survivor has it, too").atMost(PATIENCE).until(() -> survivor.inFlight() > 0);

                zombie.resume();
                zombie.send("go on");
                zombie.awaitLine("^applied " + key, PATIENCE);
                zombie.awaitLine("^has nothing in flight$", PATIENCE);

                assertThat(redis.command("HLEN", SharedMember.sequences(application)))
                        .as("marks while the new owner is still in its attempt")
                        .isEqualTo(0L);
                survivor.goOn();
                await().atMost(PATIENCE)
                        .until(() -> ledger().stream().anyMatch(entry -> entry.startsWith(key + " 1 survivor")));
            }
        }
    }

    /** Whether the newest token of each partition is that of one process. */
    private boolean isOwnedByOne() {
        var scope = SharedMember.sequences(application).replace(":sequence", "");
        var owners = new ArrayList<Object>();
        for (int partition = 0; partition < 4; partition++) {
            owners.add(redis.command("HGET", scope, "by:" + partition));
        }
        return owners.stream().distinct().count() == 1;
    }

    /** Two die and come again while a third publishes and works: nothing is lost, out of order, or repeated but in the gap. */
    @Test
    void l2_s7_whoDiesByKill9LosesNothingAndTheOthersGoOnInOrder() {
        int kills = 0;
        var published = new HashMap<String, Integer>();
        var children = new HashMap<String, ChildJvm>();
        try (var here = here("here")) {
            for (var member : List.of("a", "b")) {
                children.put(member, child(member));
            }
            for (int round = 1; round <= 40; round++) {
                for (int key = 0; key < KEYS; key++) {
                    here.publish("k" + key, published.merge("k" + key, 1, Integer::sum));
                }
                if (round % 13 == 0) {
                    var victim = round % 2 == 0 ? "a" : "b";
                    int before = ledger().size();
                    await().atMost(PATIENCE).until(() -> ledger().size() > before);
                    children.get(victim).kill();
                    kills++;
                    children.put(victim, child(victim));
                }
            }
            await("all applied").atMost(PATIENCE).until(() -> distinct() >= 40 * KEYS);
        } finally {
            children.values().forEach(ChildJvm::close);
        }
        assertThat(repeats(published)).isLessThanOrEqualTo(kills * SharedMember.LANES);
    }

    private long distinct() {
        return ledger().stream()
                .map(entry -> entry.substring(0, entry.lastIndexOf(' ')))
                .distinct()
                .count();
    }

    /** Fails if any key is out of order; how many events were applied once more, right behind themselves. */
    private int repeats(Map<String, Integer> published) {
        int repeats = 0;
        for (var key : published.keySet()) {
            int last = 0;
            for (var entry : ledger()) {
                var words = entry.split(" ", -1);
                if (words[0].equals(key)) {
                    int number = Integer.parseInt(words[1]);
                    assertThat(number).as("of %s after %s", key, last).isBetween(last, last + 1);
                    repeats += number == last ? 1 : 0;
                    last = number;
                }
            }
            assertThat(last).isEqualTo(published.get(key));
        }
        return repeats;
    }
}
