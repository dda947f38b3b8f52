package dev.syncline.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.syncline.spi.Broker;
import dev.syncline.spi.BrokerConsumer.Acknowledgement;
import dev.syncline.spi.SendResult;
import dev.syncline.spi.SendResult.Failed;
import dev.syncline.spi.SendResult.NotAttempted;
import dev.syncline.spi.SendResult.Sent;
import dev.syncline.testkit.server.RealRedis;
import dev.syncline.testkit.server.RedisServer;
import dev.syncline.testkit.server.TcpProxy.Direction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Connections that break, and answers that get lost. */
class NetworkTest {

    @RealRedis(proxied = true)
    static RedisServer redis;

    private Rig rig;

    @BeforeEach
    void open() {
        rig = Rig.with(redis, 1);
    }

    @AfterEach
    void close() {
        redis.proxy().heal();
        rig.close();
    }

    /** Past the proxy. */
    private Broker direct(Object... options) {
        var port = rig.command("CONFIG", "GET", "port");
        return rig.clientAt("redis://127.0.0.1:" + ((List<?>) port).get(1), options);
    }

    @Nested
    class Sending {

        /** The server did it, and nobody knows: what was on its way is doubtful, what waited behind it is not. */
        @Test
        void s7_lostAnswerMakesAllThatWasOnItsWayDoubtful() {
            var producer = rig.client("command.timeout", "500ms").producer();
            Rig.results(producer, rig.messages("before", 1));
            redis.proxy().swallow(Direction.RESPONSES);
            var results = Collections.synchronizedList(new ArrayList<SendResult>());

            producer.send(rig.messages("under-way", 5), (index, result) -> results.add(result));
            producer.send(rig.messages("behind", 5), (index, result) -> results.add(result));

            await().atMost(Reader.PATIENCE).until(() -> results.size() == 10);
            assertThat(results.subList(0, 5))
                    .allSatisfy(result -> assertThat(result)
                            .isInstanceOfSatisfying(
                                    Failed.class,
                                    failed -> assertThat(failed.reason().isRetryable())
                                            .isTrue()));
            assertThat(results.subList(5, 10)).allMatch(result -> result instanceof NotAttempted);
            assertThat(rig.command("XLEN", rig.stream())).isEqualTo(6L);
            producer.close();
        }

        /** A request that is cut off does nothing, not even in part. */
        @Test
        void s7_requestCutInTheMiddleAppendsNothing() {
            var producer = rig.client().producer();
            Rig.results(producer, rig.messages("before", 1));
            redis.proxy().cutAfter(Direction.REQUESTS, 900);

            var results = Rig.results(producer, rig.messages("cut", 10));

            assertThat(results).allMatch(result -> result instanceof Failed);
            assertThat(rig.command("XLEN", rig.stream())).isEqualTo(1L);
            producer.close();
            assertThat(Rig.results(rig.client().producer(), rig.messages("cut", 10)))
                    .allMatch(result -> result instanceof Sent);
        }

        /** The client never sends again by itself, also not when the network is back. */
        @Test
        void nothingIsSentAgainByItself() {
            var producer = rig.client("command.timeout", "500ms").producer();
            Rig.results(producer, rig.messages("before", 1));
            redis.proxy().cut();
            Rig.results(producer, rig.messages("lost", 3));
            redis.proxy().heal();

            assertThat(Rig.results(producer, rig.messages("later", 1)).get(0)).isInstanceOf(NotAttempted.class);
            assertThat(rig.command("XLEN", rig.stream())).isEqualTo(1L);
            producer.close();
        }
    }

    @Nested
    class Reading {

        /** The partition was ours all the time: nothing comes twice, and nothing is left out. */
        @Test
        void l1_readerGoesOnWhereItStoodAfterACut() {
            var reader = rig.reader(rig.client("lease.time", "30s")).untilOwning(1);
            for (int round = 0; round < 5; round++) {
                rig.send("round-" + round, 20);
                reader.until("something", () -> !reader.received.isEmpty());
                redis.proxy().cut();
                reader.take(20 * (round + 1));
            }

            assertThat(reader.ids()).doesNotHaveDuplicates().hasSize(100);
            assertThat(reader.lost).isEmpty();
            assertThat(reader.revoked).isEmpty();
            reader.acknowledge(reader.last());
            assertThat(rig.pending()).isZero();
        }

        /** The server read entries for the group, and nobody got them: they are pending, and come before anything else. */
        @Test
        void s7_entriesOfALostAnswerComeAgainBeforeNewOnes() {
            var reader = rig.reader(rig.client("lease.time", "60s", "command.timeout", "500ms"))
                    .untilOwning(1);
            reader.consumer.pause(Set.of(rig.partition(0)));
            reader.pollFor(Duration.ofMillis(200)); // what was asked before the pause is answered
            rig.send("lost", 50);
            redis.proxy().swallow(Direction.RESPONSES);
            reader.consumer.resume(Set.of(rig.partition(0)));
            reader.until("the server read them", () -> rig.pending() == 50);
            reader.pollFor(Duration.ofMillis(800)); // until the client gives up its connection

            redis.proxy().heal();
            rig.send("new", 10);

            assertThat(reader.take(60)).startsWith("lost#0").endsWith("new#9").doesNotHaveDuplicates();
            assertThat(reader.lost).isEmpty();
            reader.acknowledge(reader.last());
            assertThat(rig.pending()).isZero();
        }

        /** Requests go into a hole until the client gives up its connection, and come out of it later. */
        @Test
        void s7_requestsThatArriveLateSkipNothing() {
            var reader = rig.reader(rig.client("lease.time", "60s", "command.timeout", "500ms"))
                    .untilOwning(1);
            var writer = direct().producer();
            for (int round = 0; round < 3; round++) {
                reader.consumer.pause(Set.of(rig.partition(0)));
                reader.pollFor(Duration.ofMillis(200));
                redis.proxy().stall();
                Rig.results(writer, rig.messages("round-" + round, 50));
                reader.consumer.resume(Set.of(rig.partition(0)));
                reader.pollFor(Duration.ofMillis(800));
                redis.proxy().heal();
                reader.take(50 * (round + 1));
            }

            assertThat(reader.ids()).doesNotHaveDuplicates().hasSize(150);
            assertThat(reader.lost).isEmpty();
            reader.acknowledge(reader.last());
            assertThat(rig.pending()).isZero();
        }

        /** However late: what it read for the group would be nobody's. */
        @Test
        void s7_requestOfTheOldConnectionIsRefusedOnceTheNewOneReads() {
            var reader = rig.reader(rig.client("lease.time", "30s")).untilOwning(1);
            var owner = rig.state("owner");
            var token = rig.state("token");
            redis.proxy().cut();
            reader.until("a new token", () -> !rig.state("token").equals(token));
            rig.send("k", 5);

            var late = Keys.list(owner, token);
            late.addAll(Keys.list(rig.group, Keys.CONSUMER, "new", "0-0", "+", "10", "1000", ""));
            var reply = rig.run(Script.FETCH, late);

            assertThat(reply.isLost()).isTrue();
            assertThat(Long.parseLong(rig.state("token"))).isGreaterThan(Long.parseLong(token));
            assertThat(reader.take(5)).containsExactly("k#0", "k#1", "k#2", "k#3", "k#4");
            assertThat(reader.lost).isEmpty();
        }

        @Test
        void s9_acknowledgementWhoseAnswerGotLostIsAskedAgain() {
            rig.send("k", 5);
            var reader = rig.reader(rig.client("lease.time", "30s", "command.timeout", "500ms"));
            reader.take(5);
            redis.proxy().stall();
            var last = reader.last();
            reader.consumer.acknowledge(Map.of(last.partition(), new Acknowledgement(last.position(), "kept")));
            reader.pollFor(Duration.ofMillis(800));

            redis.proxy().heal();

            reader.until(
                    "acknowledged",
                    () -> rig.state("position").equals(last.position().toString()));
            assertThat(rig.state("metadata")).isEqualTo("kept");
        }

        /** S8: on the far side of a cut network nobody renews, so another may own the partition. */
        @Test
        void s8_readerThatIsCutOffKnowsThatItLost() {
            rig.send("k", 5);
            var cutOff = rig.reader(rig.client("command.timeout", "500ms"));
            cutOff.take(5);
            redis.proxy().stall();

            cutOff.until("told", () -> !cutOff.lost.isEmpty());

            assertThat(cutOff.lost).containsExactly(rig.partition(0));
        }

        @Test
        void s13_acknowledgementThatArrivesAfterTheTakeoverIsRefused() {
            rig.send("k", 5);
            var cutOff = rig.reader(rig.client("command.timeout", "30s"));
            cutOff.take(5);
            redis.proxy().stall();
            // lies in the network
            var last = cutOff.last();
            cutOff.consumer.acknowledge(Map.of(last.partition(), new Acknowledgement(last.position(), "late")));
            var owner = rig.reader(direct()).untilOwning(1);
            assertThat(owner.take(5)).containsExactly("k#0", "k#1", "k#2", "k#3", "k#4");

            redis.proxy().heal();
            cutOff.until("told", () -> !cutOff.lost.isEmpty());
            cutOff.pollFor(Duration.ofMillis(300));

            assertThat(rig.pending()).isEqualTo(5);
            assertThat(rig.state("position")).isEmpty();
            owner.acknowledge(owner.received.get(1));
            assertThat(rig.pending()).isEqualTo(3);
        }

        /** L1. */
        @Test
        void readerThatWasAloneTakesUpWhatItLost() {
            rig.send("k", 5);
            var reader = rig.reader(rig.client("command.timeout", "500ms"));
            reader.take(5);
            reader.acknowledge(reader.received.get(1));
            redis.proxy().stall();
            reader.until("told", () -> !reader.lost.isEmpty());

            redis.proxy().heal();

            assertThat(reader.take(8).subList(5, 8)).containsExactly("k#2", "k#3", "k#4");
        }
    }
}
