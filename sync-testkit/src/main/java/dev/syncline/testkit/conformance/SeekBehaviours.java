package dev.syncline.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.spi.Received;
import dev.syncline.spi.Subscription;
import dev.syncline.spi.Subscription.Start;
import dev.syncline.spi.TopicPartition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Going elsewhere in a partition, and reading it again. */
abstract class SeekBehaviours extends Behaviours {

    SeekBehaviours(Supplier<BrokerFixture> open) {
        super(open);
    }

    @Test
    void replayGivesTheSameMessagesAtTheSamePositions() {
        var topic = bench.topic(2);
        bench.producer().sendAll(Messages.overKeys(topic, 8, 40));
        var consumer = bench.consumer(bench.group(), topic);
        var before = List.copyOf(consumer.take(40));

        for (var partition : Set.copyOf(consumer.owned)) {
            seekTo(consumer, partition, Start.EARLIEST);
        }
        var again = List.copyOf(consumer.take(80).subList(40, 80));

        assertThat(again).containsExactlyInAnyOrderElementsOf(before);
    }

    @Test
    void seekAfterGoesBack() {
        var topic = bench.topic(1);
        bench.producer().sendAll(Messages.texts(topic, "k", 10));
        var consumer = bench.consumer(bench.group(), topic);
        var fourth = consumer.take(10).get(3);

        seekAfter(consumer, fourth);

        assertThat(Messages.ids(consumer.take(16).subList(10, 16)))
                .containsExactly("k#4", "k#5", "k#6", "k#7", "k#8", "k#9");
        consumer.expectNothingMore();
    }

    /** What was fetched already is not delivered after a seek. */
    @Test
    void seekAfterGoesForward() {
        var topic = bench.topic(1);
        var sent = bench.producer().sendAll(Messages.texts(topic, "k", 100));
        var consumer = bench.consumer(new Subscription(bench.group(), Set.of(topic), Start.EARLIEST, "conformance", 5));
        int taken = consumer.take(5).size();

        consumer.sought(sent.get(0).partition());
        consumer.raw().seekAfter(sent.get(89).partition(), sent.get(89).position());

        assertThat(Messages.ids(consumer.take(taken + 10).subList(taken, taken + 10)))
                .containsExactlyElementsOf(
                        Messages.idsOf(Messages.texts(topic, "k", 100).subList(90, 100)));
    }

    @Test
    void seekAfterTheLastWaitsForTheNext() {
        var topic = bench.topic(1);
        var producer = bench.producer();
        var sent = producer.sendAll(Messages.texts(topic, "k", 3));
        var consumer = bench.consumer(bench.group(), topic);
        consumer.whenAssigned(assigned ->
                consumer.raw().seekAfter(sent.get(2).partition(), sent.get(2).position()));
        consumer.untilAssigned(1);
        consumer.expectNothingMore();

        producer.sendOne(Messages.text(topic, "k", "next"));

        assertThat(Messages.ids(consumer.take(1))).containsExactly("next");
    }

    @Test
    void seekToATimeGivesWhatWasSentFromThenOn() {
        var topic = bench.topic(1);
        var producer = bench.producer();
        producer.sendAll(Messages.texts(topic, "before", 3));
        var consumer = bench.consumer(bench.group(), topic);
        var before = consumer.take(3).get(2).timestamp();
        var time = before.plusMillis(1);
        // until the broker's clock has moved on
        var left = Patience.of(bench.patience);
        while (newest(consumer).timestamp().isBefore(time)) {
            if (left.isOver()) {
                throw left.exhausted("a timestamp from " + time + " on", newest(consumer));
            }
            producer.sendOne(Messages.text(topic, "k", "tick"));
            consumer.take(consumer.received.size() + 1);
        }
        producer.sendAll(Messages.texts(topic, "after", 3));
        consumer.take(consumer.received.size() + 3);
        var expected = consumer.received.stream()
                .filter(one -> !one.timestamp().isBefore(time))
                .map(one -> one.message().attribute("id"))
                .toList();
        int taken = consumer.received.size();

        var partition = newest(consumer).partition();
        consumer.sought(partition);
        consumer.raw().seekTo(partition, time);

        assertThat(Messages.ids(consumer.take(taken + expected.size()).subList(taken, taken + expected.size())))
                .isEqualTo(expected);
    }

    @Test
    void seekToATimeBeforeEverythingGivesEverything() {
        var topic = bench.topic(1);
        bench.producer().sendAll(Messages.texts(topic, "k", 3));
        var consumer = bench.consumer(bench.group(), topic);
        var partition = consumer.take(3).get(0).partition();

        consumer.sought(partition);
        consumer.raw().seekTo(partition, Instant.now().minus(Duration.ofDays(1)));

        assertThat(Messages.ids(consumer.take(6).subList(3, 6))).containsExactly("k#0", "k#1", "k#2");
    }

    /** Not what is sent at that time, which may never come: the next one. */
    @Test
    void seekToATimeAheadGivesTheNextMessage() {
        var topic = bench.topic(1);
        var producer = bench.producer();
        producer.sendAll(Messages.texts(topic, "k", 3));
        var consumer = bench.consumer(bench.group(), topic);
        var partition = consumer.take(3).get(0).partition();

        consumer.raw().seekTo(partition, Instant.now().plus(Duration.ofHours(1)));
        consumer.expectNothingMore();
        producer.sendOne(Messages.text(topic, "k", "next"));

        assertThat(Messages.ids(consumer.take(4))).endsWith("next");
    }

    @Test
    void seekToTheLatestGivesTheNextMessage() {
        var topic = bench.topic(1);
        var producer = bench.producer();
        producer.sendAll(Messages.texts(topic, "k", 5));
        var consumer = bench.consumer(bench.group(), topic);
        consumer.whenAssigned(
                assigned -> assigned.forEach(one -> consumer.raw().seekTo(one.partition(), Start.LATEST)));
        consumer.untilAssigned(1);
        consumer.expectNothingMore();

        producer.sendOne(Messages.text(topic, "k", "next"));

        assertThat(Messages.ids(consumer.take(1))).containsExactly("next");
    }

    @Test
    void seekingOnePartitionLeavesTheOthers() {
        var topic = bench.topic(3);
        bench.producer().sendAll(Messages.overKeys(topic, 12, 60));
        var consumer = bench.consumer(bench.group(), topic);
        consumer.take(60);
        var partition = consumer.received.get(0).partition();
        int inPartition = (int) consumer.received.stream()
                .filter(one -> one.partition().equals(partition))
                .count();

        seekTo(consumer, partition, Start.EARLIEST);
        consumer.take(60 + inPartition);
        consumer.expectNothingMore();

        assertThat(consumer.received.subList(60, 60 + inPartition))
                .allMatch(one -> one.partition().equals(partition));
    }

    @Test
    void seekWhilePausedHoldsAfterResume() {
        var topic = bench.topic(1);
        bench.producer().sendAll(Messages.texts(topic, "k", 4));
        var consumer = bench.consumer(bench.group(), topic);
        var second = consumer.take(4).get(1);
        consumer.pause(Set.of(second.partition()));

        seekAfter(consumer, second);
        consumer.expectNothingMore();
        consumer.resume(Set.of(second.partition()));

        assertThat(Messages.ids(consumer.take(6).subList(4, 6))).containsExactly("k#2", "k#3");
    }

    @Test
    void s9_seekingDoesNotMoveTheAcknowledgedPosition() {
        var topic = bench.topic(1);
        var group = bench.group();
        bench.producer().sendAll(Messages.texts(topic, "k", 6));
        var first = bench.consumer(group, topic);
        first.acknowledge(first.take(6).get(2));
        seekTo(first, first.received.get(0).partition(), Start.EARLIEST);
        first.take(12);
        seekTo(first, first.received.get(0).partition(), Start.LATEST);
        first.poll();
        first.close();

        var second = bench.consumer(group, topic);

        assertThat(Messages.ids(second.take(3))).containsExactly("k#3", "k#4", "k#5");
    }

    private static Received newest(ConformanceConsumer consumer) {
        return consumer.received.get(consumer.received.size() - 1);
    }

    private static void seekAfter(ConformanceConsumer consumer, Received message) {
        consumer.sought(message.partition());
        consumer.raw().seekAfter(message.partition(), message.position());
    }

    private static void seekTo(ConformanceConsumer consumer, TopicPartition partition, Start start) {
        consumer.sought(partition);
        consumer.raw().seekTo(partition, start);
    }
}
