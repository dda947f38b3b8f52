package dev.syncline.testkit.conformance;

import dev.syncline.spi.TopicPartition;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** How far a group is behind, as its consumer knows it. */
abstract class LagBehaviours extends Behaviours {

    LagBehaviours(Supplier<BrokerFixture> open) {
        super(open);
    }

    /** Delivered is not done: the lag counts from what was acknowledged. */
    @Test
    void lagCountsWhatIsNotAcknowledged() {
        var topic = bench.topic(1);
        bench.producer().sendAll(Messages.texts(topic, "k", 10));
        var consumer = bench.consumer(bench.group(), topic);
        var partition = consumer.take(10).get(0).partition();

        consumer.until("a lag of 10 or more", () -> lag(consumer, partition) >= 10);
        consumer.acknowledge(consumer.received.get(3));
        consumer.until("a lag of 6 or more", () -> lag(consumer, partition) >= 6);
    }

    @Test
    void lagIsZeroWhenEverythingIsAcknowledged() {
        var topic = bench.topic(2);
        bench.producer().sendAll(Messages.overKeys(topic, 8, 20));
        var consumer = bench.consumer(bench.group(), topic);
        consumer.take(20);
        consumer.acknowledgeAll();

        for (var partition : consumer.owned) {
            consumer.until("a lag of 0", () -> lag(consumer, partition) == 0);
        }
    }

    @Test
    void lagOfAnEmptyPartitionIsZero() {
        var topic = bench.topic(1);
        var consumer = bench.consumer(bench.group(), topic).untilAssigned(1);

        consumer.until("a lag of 0", () -> lag(consumer, new TopicPartition(topic, 0)) == 0);
    }

    @Test
    void lagGrowsWithWhatIsSent() {
        var topic = bench.topic(1);
        var producer = bench.producer();
        producer.sendAll(Messages.texts(topic, "k", 2));
        var consumer = bench.consumer(bench.group(), topic);
        var partition = consumer.take(2).get(0).partition();
        consumer.acknowledgeAll();
        consumer.until("a lag of 0", () -> lag(consumer, partition) == 0);

        producer.sendAll(Messages.texts(topic, "more", 5));

        consumer.until("a lag of 5 or more", () -> lag(consumer, partition) >= 5);
    }

    private static long lag(ConformanceConsumer consumer, TopicPartition partition) {
        return consumer.raw().lag(partition).orElse(-1);
    }
}
