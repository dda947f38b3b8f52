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

        /** What the old connection still brings to the server is shut out by the token of the new one. */
        @Test
        void s7_requestsThatArriveLateSkipNothing() {
            var reader = rig.reader(rig.client("lease.time", "60s", "command.timeout", "500ms"))
                    .untilOwning(1);
            for (int round = 0; round < 3; round++) {
                redis.proxy().stall();
                var writer = direct().producer();
                Rig.results(writer, rig.messages("round-" + round, 50));
                // requests go into the hole until the client gives up its connection
                reader.pollFor(Duration.ofMillis(800));
                redis.proxy().heal();
                reader.take(50 * (round + 1));
            }

            assertThat(reader.ids()).doesNotHaveDuplicates().hasSize(150);
            assertThat(reader.lost).isEmpty();
            reader.acknowledge(reader.last());
            assertThat(rig.pending()).isZero();
        }

        @Test
        void newConnectionHasANewToken() {
            var reader = rig.reader(rig.client("lease.time", "30s")).untilOwning(1);
            var before = rig.state("token");

            redis.proxy().cut();

            reader.until("another token", () -> !rig.state("token").equals(before));
            assertThat(Long.parseLong(rig.state("token"))).isGreaterThan(Long.parseLong(before));
            rig.send("k", 1);
            reader.take(1);
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
