package dev.syncline.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.spi.Subscription;
import dev.syncline.spi.Subscription.Start;
import dev.syncline.testkit.server.ChildJvm;
import dev.syncline.testkit.server.RealRedis;
import dev.syncline.testkit.server.RedisServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One consumer per partition, and the server refuses everybody else. S8, S13. */
class LeaseTest {

    @RealRedis(exclusive = true)
    static RedisServer redis;

    private Rig rig;

    @BeforeEach
    void open() {
        rig = Rig.with(redis, 1);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    /** A process that is stopped, as by its garbage collector, and goes on after another took over. */
    @Test
    void s13_pausedOwnerIsRefusedWhenItGoesOn() {
        rig.send("k", 10);
        try (var zombie = ChildJvm.of(ZombieMain.class)
                .args(redis.uri(), rig.topic, rig.group)
                .start()) {
            zombie.awaitLine("^got 10$", Reader.PATIENCE);
            zombie.pause();
            var owner = rig.reader().untilOwning(1);
            assertThat(owner.take(10)).containsExactlyElementsOf(idsOf("k", 10));
            owner.acknowledge(owner.received.get(2));
            var before = everythingOfTheGroup();

            zombie.resume();
            zombie.send("acknowledge");

            assertThat(zombie.awaitLine("^acknowledged ", Reader.PATIENCE)).isEqualTo("acknowledged false");
            zombie.awaitLine("^lost \\[" + rig.topic + "-0\\]$", Reader.PATIENCE);
            assertThat(everythingOfTheGroup()).isEqualTo(before);
            assertThat(zombie.lines())
                    .filteredOn(line -> line.startsWith("got"))
                    .containsExactly("got 10");
            owner.acknowledge(owner.last());
            assertThat(rig.pending()).isZero();
        }
    }

    /** Each script by itself, with what an owner had before it lost the lease: nothing may change. */
    @ParameterizedTest
    @EnumSource(
            value = Script.class,
            names = {"RESUME", "RENEW", "RELEASE", "MARK", "FETCH", "ACKNOWLEDGE"})
    void s13_noScriptOfAnOldOwnerChangesAnything(Script script) {
        rig.send("k", 5);
        var old = rig.reader();
        old.take(5);
        var owner = rig.state("owner");
        var token = rig.state("token");
        old.close();
        var next = rig.reader().untilOwning(1);
        next.take(5);
        var before = everythingOfTheGroup();

        for (var proof : List.of(
                Keys.list(owner, token), // both old
                Keys.list(rig.state("owner"), token), // the token of another time
                Keys.list(owner, rig.state("token")))) { // the token of somebody else
            var arguments = new ArrayList<>(proof);
            arguments.addAll(arguments(script));
            var reply = rig.run(script, arguments);
            assertThat(reply.isLost()).as("%s was refused", script).isTrue();
        }

        assertThat(everythingOfTheGroup()).isEqualTo(before);
    }

    /** The control of the test above: with the right proof each of them does something. */
    @ParameterizedTest
    @EnumSource(
            value = Script.class,
            names = {"RESUME", "RENEW", "RELEASE", "MARK", "FETCH", "ACKNOWLEDGE"})
    void scriptsOfTheOwnerDoTheirWork(Script script) {
        rig.send("k", 5);
        var owner = rig.reader();
        owner.take(5);
        var arguments = new ArrayList<>(Keys.list(rig.state("owner"), rig.state("token")));
        arguments.addAll(arguments(script));

        assertThat(rig.run(script, arguments).isLost()).isFalse();
    }

    @Test
    void s13_acknowledgementAfterTheLeaseRanOutUnnoticedIsRefused() {
        rig.send("k", 5);
        var zombie = rig.reader(rig.client("poll.timeout", "500ms"));
        zombie.take(5);
        // never polled again: its lease runs out
        var owner = rig.reader().untilOwning(1);
        owner.take(5);
        var before = everythingOfTheGroup();

        boolean confirmed = zombie.acknowledged(zombie.last());

        assertThat(confirmed).isFalse();
        zombie.until("it knows, and what it asked for is answered", () -> !zombie.lost.isEmpty());
        assertThat(everythingOfTheGroup()).isEqualTo(before);
        assertThat(zombie.received).hasSize(5);
    }

    @Test
    void l2_deadConsumerIsReplacedWithinItsLease() {
        rig.send("k", 3);
        try (var dead = ChildJvm.of(ZombieMain.class)
                .args(redis.uri(), rig.topic, rig.group)
                .start()) {
            dead.awaitLine("^got 3$", Reader.PATIENCE);
            dead.kill();
        }
        long killed = System.nanoTime();

        var next = rig.reader();
        next.take(3);

        // the lease is a second, and a busy machine takes its time
        assertThat(Duration.ofNanos(System.nanoTime() - killed)).isLessThan(Duration.ofSeconds(10));
    }

    /** What the dead one had comes first and in its order, before anything that nobody has read. */
    @Test
    void s7_pendingEntriesComeFirstAndInOrder() {
        rig.send("old", 5);
        var first = rig.reader();
        first.take(5);
        first.acknowledge(first.received.get(1));
        first.close();
        rig.send("new", 5);

        var second = rig.reader();

        assertThat(second.take(8))
                .containsExactly("old#2", "old#3", "old#4", "new#0", "new#1", "new#2", "new#3", "new#4");
    }

    /** Long before the lease would have run out. */
    @Test
    void leaseLetGoIsTakenAtOnce() {
        rig.reader(rig.client("lease.time", "10m")).untilOwning(1).close();
        assertThat(rig.state("owner")).isEmpty();

        rig.reader().untilOwning(1);
    }

    /** The other partitions stay ours while the polling thread waits for handlers of the one that it gives up. */
    @Test
    void s8_otherLeasesLastWhileOnePartitionIsGivenUp() throws Exception {
        var topic = rig.topic + "-wide";
        rig.createTopic(topic, 4);
        var handlersRun = new CountDownLatch(1);
        var revoking = new CountDownLatch(1);
        var first = rig.reader(rig.client(), Start.EARLIEST, topic)
                .untilOwning(4)
                .whenRevoked(partitions -> {
                    revoking.countDown();
                    await(handlersRun);
                });
        var second = rig.reader(rig.client(), Start.EARLIEST, topic);
        var polling = CompletableFuture.runAsync(
                () -> first.until("two partitions are given up", () -> first.revoked.size() == 2));
        second.until("the first gives up", () -> revoking.getCount() == 0);

        // three leases long nobody polls the first
        second.pollFor(Duration.ofSeconds(3));

        assertThat(second.owned).as("taken from a consumer that lives").isEmpty();
        handlersRun.countDown();
        polling.get(20, TimeUnit.SECONDS);
        Reader.until("both own two", () -> first.owned.size() == 2 && second.owned.size() == 2, first, second);
        assertThat(first.lost).isEmpty();
    }

    /** S25: a lease that ends in two days is none that anybody asked for. */
    @Test
    void s25_clockOfTheServerThatWasSetBackDoesNotKeepADeadLeaseAlive() {
        rig.reader().untilOwning(1).close();
        var group = Keys.group(rig.partition(0), rig.group);
        rig.command("HSET", group, "owner", "a member that died before", "until", inTwoDays(), "lease", "1000");

        rig.reader().untilOwning(1);
    }

    /** S25: and a member that lives for two days without saying so has no share. */
    @Test
    void s25_clockOfTheServerThatWasSetBackDoesNotKeepADeadMemberAlive() {
        var topic = rig.topic + "-wide";
        rig.createTopic(topic, 4);
        rig.command("ZADD", Keys.membersOf(rig.group, topic), inTwoDays(), "a member that died before");

        rig.reader(rig.client(), Start.EARLIEST, topic).untilOwning(4);
    }

    private static String inTwoDays() {
        return String.valueOf(Instant.now().plus(Duration.ofDays(2)).toEpochMilli());
    }

    /** The fencing counter grows with each change of hands, and also if everything about the group was lost. */
    @Test
    void tokensOnlyGrow() {
        var tokens = new ArrayList<Long>();
        for (int i = 0; i < 3; i++) {
            var reader = rig.reader().untilOwning(1);
            tokens.add(Long.parseLong(rig.state("token")));
            reader.close();
        }
        rig.command("DEL", Keys.group(rig.partition(0), rig.group));
        var reader = rig.reader().untilOwning(1);
        tokens.add(Long.parseLong(rig.state("token")));
        reader.close();

        assertThat(tokens).isSorted().doesNotHaveDuplicates();
    }

    /** Two and three members, over two topics; nobody owns what another owns, and in the end all is owned. */
    @Test
    void l6_membersShareEvenlyOverAllTopics() {
        var topics = new String[] {rig.topic + "-a", rig.topic + "-b"};
        rig.createTopic(topics[0], 6);
        rig.createTopic(topics[1], 3);
        var readers = new ArrayList<Reader>();
        for (int members = 1; members <= 3; members++) {
            readers.add(rig.reader(rig.client(), Start.EARLIEST, topics));
            untilSharedEvenly(readers, topics);
        }

        readers.remove(1).close();
        untilSharedEvenly(readers, topics);
        readers.remove(0).close();
        untilSharedEvenly(readers, topics);

        assertThat(readers.get(0).owned).hasSize(9);
        assertThat(readers.get(0).lost).isEmpty();
    }

    /** Who has no share would else wait for its first assignment for ever, and its application never be ready. */
    @Test
    void l6_memberWithoutAShareIsToldSo() {
        var owner = rig.reader().untilOwning(1);
        var other = told(owner);
        while (!other.owned.isEmpty()) {
            // who has the share is drawn by lot: this one had it, so another comes
            owner.close();
            owner = other;
            other = told(owner);
        }

        owner.close();
        other.untilOwning(1);
    }

    private Reader told(Reader owner) {
        var next = rig.reader();
        Reader.until("an assignment", () -> next.assignments == 1, owner, next);
        return next;
    }

    /** A lease that cannot be renewed must not take those of others with it. */
    @Test
    void s8_renewalGoesOnAfterOneThatFailed() {
        try (var connector = rig.connector("lease.time", "400ms")) {
            var keeper = new LeaseKeeper(connector, new Mailbox(), "test");
            var broken = new Lease(null, new byte[1], "1", 1, 0);
            var sound = new Lease(
                    Keys.ofGroup(rig.partition(0), rig.group),
                    Keys.bytes("us"),
                    "1",
                    Long.MAX_VALUE,
                    System.nanoTime());
            rig.command("HSET", Keys.group(rig.partition(0), rig.group), "owner", "us", "token", "1");
            keeper.use(new Deadline(Reader.PATIENCE).await(connector.open(), "connecting"));
            keeper.add(broken);
            keeper.add(sound);
            keeper.polled(System.nanoTime());

            for (int i = 0; i < 3; i++) {
                rig.command("HDEL", Keys.group(rig.partition(0), rig.group), "until");
                Awaitility.await()
                        .atMost(Reader.PATIENCE)
                        .until(() -> !rig.state("until").isEmpty());
            }
            keeper.stop();
        }
    }

    private static void untilSharedEvenly(List<Reader> readers, String... topics) {
        Reader.until(
                "each of " + readers.size() + " owns its share",
                () -> {
                    var all = new HashSet<>();
                    int count = 0;
                    for (var reader : readers) {
                        all.addAll(reader.owned.keySet());
                        count += reader.owned.size();
                    }
                    assertThat(all).as("partitions owned twice").hasSize(count);
                    return count == 9
                            && readers.stream()
                                    .allMatch(reader -> isFair(reader, topics[0], 6, readers.size())
                                            && isFair(reader, topics[1], 3, readers.size()));
                },
                readers.toArray(Reader[]::new));
    }

    private static boolean isFair(Reader reader, String topic, int partitions, int members) {
        long owned = reader.owned.keySet().stream()
                .filter(one -> one.topic().equals(topic))
                .count();
        return owned >= partitions / members && owned <= (partitions + members - 1) / members;
    }

    /** Pending entries, position and lease, as the server has them; not when the lease ends, which moves. */
    private List<Object> everythingOfTheGroup() {
        var pending = rig.command("XPENDING", rig.stream(), rig.group, "-", "+", "100");
        var ids =
                ((List<?>) pending).stream().map(one -> ((List<?>) one).get(0)).toList();
        var state = rig.command(
                "HMGET", Keys.group(rig.partition(0), rig.group), "owner", "token", "position", "metadata", "gap");
        return List.of(
                ids,
                state,
                rig.command("XINFO", "CONSUMERS", rig.stream(), rig.group)
                        .toString()
                        .contains("syncline"));
    }

    private List<byte[]> arguments(Script script) {
        return switch (script) {
            case RESUME -> Keys.list("60000", rig.group);
            case RENEW -> Keys.list("60000");
            case RELEASE -> List.of();
            case MARK -> Keys.list("something is missing");
            case FETCH -> Keys.list(rig.group, Keys.CONSUMER, "new", "0-0", "+", "10", "1000", "");
            case ACKNOWLEDGE -> Keys.list(rig.group, "9999999999999-0", "metadata", "1");
            default -> throw new AssertionError(script);
        };
    }

    private static List<String> idsOf(String key, int count) {
        var ids = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            ids.add(key + "#" + i);
        }
        return ids;
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    /** Reads, says what it has, and acknowledges it when told to, without having polled again. */
    static final class ZombieMain {

        private ZombieMain() {}

        public static void main(String... args) throws IOException {
            var client = Rig.open(args[0], Map.of("lease.time", "1s", "command.timeout", "2s"));
            var subscription = new Subscription(args[2], Set.of(args[1]), Start.EARLIEST, "zombie", Rig.MAX_POLL);
            var reader = new Reader(client, subscription);
            reader.until("messages", () -> !reader.received.isEmpty());
            System.out.println("got " + reader.received.size());
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
            System.out.println("acknowledged " + reader.acknowledged(reader.last()));
            reader.until("it is told", () -> !reader.lost.isEmpty());
            System.out.println("lost " + reader.lost);
            client.close();
        }
    }
}
