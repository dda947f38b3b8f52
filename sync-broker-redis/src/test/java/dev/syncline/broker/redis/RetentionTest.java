package dev.syncline.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.syncline.spi.Broker;
import dev.syncline.testkit.server.RealRedis;
import dev.syncline.testkit.server.RedisServer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Old entries go, but never one that a group has still to read or to acknowledge. */
class RetentionTest {

    /** More often than this nothing is dropped. */
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    @RealRedis
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

    @Test
    void oldEntriesThatNobodyWaitsForAreDropped() {
        rig.send("k", 50);

        untilTrimmed(rig.client("retention.time", "1ms"), () -> length() < 10);
    }

    @Test
    void entriesWithinTheTimeStay() {
        rig.send("k", 50);

        trimSeveralTimes(rig.client("retention.time", "1h"));

        assertThat(length()).isGreaterThanOrEqualTo(50);
    }

    @Test
    void oldestAboveTheNumberAreDropped() {
        rig.send("k", 100);

        untilTrimmed(rig.client("retention.time", "unlimited", "retention.entries", "20"), () -> length() <= 25);

        trimSeveralTimes(rig.client("retention.time", "unlimited", "retention.entries", "20"));
        assertThat(length()).isGreaterThanOrEqualTo(20);
    }

    /** Delivered, but not acknowledged. */
    @Test
    void pendingEntriesStay() {
        var positions = rig.send("k", 20);
        var reader = rig.reader();
        reader.take(20);
        reader.acknowledge(reader.received.get(4));
        reader.close();

        untilTrimmed(
                rig.client("retention.time", "1ms"),
                () -> !oldest().equals(positions.get(0).toString()));
        trimSeveralTimes(rig.client("retention.time", "1ms"));
        trimSeveralTimes(rig.client("retention.time", "unlimited", "retention.entries", "1"));

        // the last one acknowledged stays: it tells that nothing behind it was dropped
        assertThat(oldest()).isEqualTo(positions.get(4).toString());
        var next = rig.reader();
        assertThat(next.take(15)).startsWith("k#5", "k#6");
    }

    @Test
    void pendingEntriesOfAGroupThatAcknowledgedNothingStay() {
        var positions = rig.send("k", 20);
        var reader = rig.reader();
        reader.take(20);
        reader.close();

        trimSeveralTimes(rig.client("retention.time", "1ms"));
        trimSeveralTimes(rig.client("retention.time", "unlimited", "retention.entries", "1"));

        assertThat(oldest()).isEqualTo(positions.get(0).toString());
    }

    /** Not even delivered, to the slowest of three groups. */
    @Test
    void unreadEntriesOfTheSlowestGroupStay() {
        var positions = rig.send("k", 20);
        rig.command(
                "XGROUP",
                "CREATE",
                rig.stream(),
                "nobody-reads-yet",
                positions.get(1).toString());
        rig.command(
                "XGROUP",
                "CREATE",
                rig.stream(),
                "of-another-program",
                positions.get(9).toString());
        var reader = rig.reader();
        reader.take(20);
        reader.acknowledge(reader.last());
        reader.close();

        untilTrimmed(
                rig.client("retention.time", "1ms"),
                () -> !oldest().equals(positions.get(0).toString()));
        trimSeveralTimes(rig.client("retention.time", "1ms"));
        trimSeveralTimes(rig.client("retention.time", "unlimited", "retention.entries", "1"));

        assertThat(oldest()).isEqualTo(positions.get(1).toString());
    }

    /** What a group acknowledged goes; the group goes on, and finds no gap. */
    @Test
    void s18_ownRetentionMakesNoGap() {
        var client = rig.client("retention.time", "1ms", "retention.entries", "1");
        for (int round = 0; round < 3; round++) {
            rig.send("k", 20);
            var reader = rig.reader(client);
            reader.take(20);
            reader.acknowledge(reader.last());
            reader.until("all but the last is dropped", () -> length() == 1);
            reader.close();
        }
        var positions = rig.send("more", 3);

        assertThat(rig.reader().take(3)).containsExactly("more#0", "more#1", "more#2");
        assertThat(rig.command("XRANGE", rig.stream(), positions.get(0).toString(), "+"))
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
                .hasSize(3);
    }

    /** A topic whose producers are foreign programs is kept short by its consumers. */
    @Test
    void consumersDropAsWell() {
        for (int i = 0; i < 30; i++) {
            rig.command("XADD", rig.stream(), "*", "ce_id", "foreign-" + i);
        }
        var reader = rig.reader(rig.client("retention.time", "1ms"));
        reader.take(30);
        reader.acknowledge(reader.last());

        reader.until("the rest is dropped", () -> length() == 1);
    }

    /** In steps: a large backlog must not stop the server. */
    @Test
    void manyAreDroppedInSteps() {
        for (int i = 0; i < 6; i++) {
            rig.send("k" + i, 1000);
        }
        var producer = rig.client("retention.time", "unlimited", "retention.entries", "10")
                .producer();
        Rig.results(producer, rig.messages("first", 1));

        await().until(() -> length() < 6001);
        assertThat(length()).isGreaterThan(1000);
        producer.close();
        untilTrimmed(rig.client("retention.time", "unlimited", "retention.entries", "10"), () -> length() < 50);
    }

    /** Sends now and then, as often as something may be dropped, until that holds. */
    private void untilTrimmed(Broker client, java.util.concurrent.Callable<Boolean> condition) {
        var producer = client.producer();
        await().atMost(Reader.PATIENCE).pollInterval(INTERVAL.dividedBy(4)).until(() -> {
            Rig.results(producer, rig.messages("tick", 1));
            return condition.call();
        });
        producer.close();
    }

    /** Each new producer looks once, at its first message. */
    private void trimSeveralTimes(Broker client) {
        for (int i = 0; i < 3; i++) {
            var producer = client.producer();
            Rig.results(producer, rig.messages("tick", 1));
            // on one connection: when this is answered, what was asked before it is done
            Rig.results(producer, rig.messages("tock", 1));
            producer.close();
        }
    }

    private long length() {
        return (Long) rig.command("XLEN", rig.stream());
    }

    private String oldest() {
        var first = (List<?>) rig.command("XRANGE", rig.stream(), "-", "+", "COUNT", "1");
        return ((List<?>) first.get(0)).get(0).toString();
    }
}
