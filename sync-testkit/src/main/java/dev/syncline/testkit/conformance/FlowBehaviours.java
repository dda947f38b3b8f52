package dev.syncline.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.spi.Bytes;
import dev.syncline.spi.Subscription;
import dev.syncline.spi.Subscription.Start;
import dev.syncline.spi.TopicPartition;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** How much comes, and when: pause, resume, sizes of polls. */
abstract class FlowBehaviours extends Behaviours {

    /** What a call may take longer than asked on a busy machine. */
    private static final Duration SLACK = Duration.ofSeconds(5);

    FlowBehaviours(Supplier<BrokerFixture> open) {
        super(open);
    }

    @Test
    void s7_pauseAndResumeKeepTheOrderAndLoseNothing() {
        var topic = bench.topic(1);
        var messages = Messages.overKeys(topic, 3, 200);
        bench.producer().sendAll(messages);
        var consumer = bench.consumer(small(bench.group(), topic, 10)).untilAssigned(1);
        var partition = Set.copyOf(consumer.owned);

        for (int taken = 10; taken <= 200; taken += 30) {
            consumer.take(taken);
            consumer.pause(partition);
            consumer.expectNothingMore();
            consumer.resume(partition);
        }
        consumer.take(200);
        consumer.expectNothingMore();

        assertThat(Messages.ids(consumer.received)).containsExactlyElementsOf(Messages.idsOf(messages));
    }

    @Test
    void pausedPartitionDoesNotStopTheOthers() {
        var topic = bench.topic(4);
        var consumer = bench.consumer(bench.group(), topic).untilAssigned(4);
        var paused = new TopicPartition(topic, 2);
        consumer.pause(Set.of(paused));
        var sent = bench.producer().sendAll(Messages.overKeys(topic, 20, 100));
        int others = (int)
                sent.stream().filter(one -> !one.partition().equals(paused)).count();

        consumer.take(others);
        consumer.expectNothingMore();
        consumer.resume(Set.of(paused));

        consumer.take(100);
    }

    @Test
    void pollReturnsInTimeWithEverythingPaused() {
        var topic = bench.topic(2);
        bench.producer().sendAll(Messages.overKeys(topic, 8, 16));
        var consumer = bench.consumer(bench.group(), topic);
        consumer.whenAssigned(assigned ->
                consumer.pause(assigned.stream().map(one -> one.partition()).collect(Collectors.toSet())));
        consumer.untilAssigned(2);

        assertPollTakesAtMost(consumer, Duration.ofMillis(300));

        assertThat(consumer.received).isEmpty();
        assertThat(consumer.owned).as("kept while paused").hasSize(2);
    }

    @Test
    void pollReturnsInTimeWithNothingThere() {
        var consumer = bench.consumer(bench.group(), bench.topic(1)).untilAssigned(1);

        assertPollTakesAtMost(consumer, Duration.ofMillis(300));

        assertThat(consumer.received).isEmpty();
    }

    /** The observing consumer counts the messages of each poll. */
    @Test
    void pollDeliversAtMostWhatWasAskedFor() {
        var topic = bench.topic(3);
        var messages = Messages.overKeys(topic, 9, 90);
        bench.producer().sendAll(messages);

        var consumer = bench.consumer(small(bench.group(), topic, 7));

        assertThat(Messages.ids(consumer.take(90))).containsExactlyInAnyOrderElementsOf(Messages.idsOf(messages));
    }

    @Test
    void fullPartitionDoesNotStarveTheOthers() {
        var full = bench.topic(1);
        var other = bench.topic(1);
        var producer = bench.producer();
        // more than a client fetches of one partition at a time
        var large = Messages.withData(full, "k", Bytes.wrap(new byte[64 * 1024]));
        producer.sendAll(Collections.nCopies(100, large));
        producer.sendAll(Messages.texts(other, "k", 1));
        var consumer =
                bench.consumer(new Subscription(bench.group(), Set.of(full, other), Start.EARLIEST, "conformance", 10));

        consumer.until(
                "a message of the other topic",
                () -> consumer.received.stream()
                        .anyMatch(one -> one.message().topic().equals(other)));

        assertThat(consumer.received)
                .as("messages before the one of the other topic")
                .hasSizeLessThan(101);
    }

    @Test
    void messageThatComesDuringAPauseIsDeliveredAfterIt() {
        var topic = bench.topic(1);
        var consumer = bench.consumer(bench.group(), topic).untilAssigned(1);
        var partition = Set.copyOf(consumer.owned);
        consumer.pause(partition);
        bench.producer().sendAll(Messages.texts(topic, "k", 3));
        consumer.expectNothingMore();

        consumer.resume(partition);

        assertThat(Messages.ids(consumer.take(3))).containsExactly("k#0", "k#1", "k#2");
    }

    @Test
    void pausingTwiceAndResumingWhatIsNotPausedDoesNoHarm() {
        var topic = bench.topic(1);
        var consumer = bench.consumer(bench.group(), topic).untilAssigned(1);
        var partition = Set.copyOf(consumer.owned);

        consumer.resume(partition);
        consumer.pause(partition);
        consumer.pause(partition);
        consumer.pause(Set.of());
        consumer.resume(partition);
        bench.producer().sendAll(Messages.texts(topic, "k", 2));

        assertThat(Messages.ids(consumer.take(2))).isEqualTo(List.of("k#0", "k#1"));
    }

    private static Subscription small(String group, String topic, int maxPoll) {
        return new Subscription(group, Set.of(topic), Start.EARLIEST, "conformance", maxPoll);
    }

    private static void assertPollTakesAtMost(ConformanceConsumer consumer, Duration atMost) {
        long before = System.nanoTime();
        consumer.poll(atMost);
        assertThat(Duration.ofNanos(System.nanoTime() - before))
                .as("how long a poll of %s took", atMost)
                .isLessThan(atMost.plus(SLACK));
    }
}
