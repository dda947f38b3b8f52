package dev.syncline.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.spi.Subscription.Start;
import dev.syncline.testkit.server.RealRedis;
import dev.syncline.testkit.server.RedisServer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What seeking does to the group in Redis, and what it does not. */
class SeekTest {

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
    void readingAgainLeavesTheGroupAlone() {
        rig.send("k", 6);
        var reader = rig.reader();
        reader.take(6);
        reader.acknowledge(reader.received.get(2));
        var before = group();

        reader.consumer.seekTo(rig.partition(0), Start.EARLIEST);
        reader.take(12);
        reader.acknowledge(reader.received.get(7));

        assertThat(group()).isEqualTo(before);
        assertThat(rig.state("position"))
                .isEqualTo(reader.received.get(2).position().toString());
    }

    /** Back at the end, what comes is read for the group again. */
    @Test
    void readerThatCaughtUpReadsForTheGroup() {
        rig.send("k", 3);
        var reader = rig.reader();
        reader.take(3);
        reader.acknowledge(reader.last());
        reader.consumer.seekTo(rig.partition(0), Start.EARLIEST);
        reader.take(6);

        rig.send("new", 2);
        reader.take(8);

        assertThat(rig.pending()).isEqualTo(2);
        assertThat(reader.ids()).endsWith("k#0", "k#1", "k#2", "new#0", "new#1");
    }

    /** What was jumped over is the next owner's, unless something behind it was acknowledged. */
    @Test
    void jumpForwardCountsWithTheFirstAcknowledgement() {
        var positions = rig.send("k", 10);
        var first = rig.reader(rig.client(), Start.LATEST, rig.topic).untilOwning(1);
        rig.send("later", 10);
        first.take(2);
        first.close();
        var second = rig.reader().untilOwning(1);
        second.take(10);
        second.consumer.seekAfter(rig.partition(0), positions.get(9));
        second.take(20);
        second.close();

        var third = rig.reader();
        assertThat(third.take(10)).startsWith("later#0").endsWith("later#9");
        third.consumer.seekAfter(rig.partition(0), third.received.get(7).position());
        third.take(12);
        third.acknowledge(third.last());
        third.close();

        rig.send("last", 1);
        var fourth = rig.reader();
        assertThat(fourth.take(1)).containsExactly("last#0");
        assertThat(rig.pending()).isEqualTo(1);
    }

    @Test
    void jumpOverUnreadEntriesAndAcknowledgementMovesTheGroup() {
        rig.send("first", 1);
        var reader = new Reader(
                rig.client(),
                new dev.syncline.spi.Subscription(rig.group, java.util.Set.of(rig.topic), Start.EARLIEST, "one", 1));
        reader.take(1);
        reader.consumer.pause(java.util.Set.of(rig.partition(0)));
        var positions = rig.send("unread", 50);
        reader.consumer.seekAfter(rig.partition(0), positions.get(39));
        reader.consumer.resume(java.util.Set.of(rig.partition(0)));
        reader.take(6);
        reader.acknowledge(reader.last());

        assertThat(reader.ids()).endsWith("unread#40", "unread#41", "unread#42", "unread#43", "unread#44");
        assertThat(rig.pending()).isZero();
        // and on, for the group
        reader.take(11);
        rig.send("new", 1);
        reader.take(12);
        reader.close();
        assertThat(rig.reader().take(6)).startsWith("unread#45").endsWith("new#0");
    }

    /** S18: retention of somebody else overtakes one who reads again. */
    @Test
    void s18_entriesTrimmedUnderOneWhoReadsAgainStopIt() {
        rig.send("k", 300);
        var reader = rig.reader();
        reader.take(300);
        reader.acknowledge(reader.last());
        reader.consumer.seekTo(rig.partition(0), Start.EARLIEST);
        reader.poll();
        reader.until("some again", () -> reader.received.size() > 300);
        int got = reader.received.size();
        assertThat(got).isLessThan(600);

        rig.command("XTRIM", rig.stream(), "MAXLEN", "5");

        assertThat(reader.refusal()).hasMessageContaining(rig.stream());
        assertThat(reader.received.size()).as("what was fetched before").isLessThanOrEqualTo(500);
    }

    private List<Object> group() {
        return List.of(rig.command("XPENDING", rig.stream(), rig.group), rig.command("XINFO", "GROUPS", rig.stream()));
    }
}
