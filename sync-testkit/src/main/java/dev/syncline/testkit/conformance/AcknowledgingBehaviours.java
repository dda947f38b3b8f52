package dev.syncline.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.spi.BrokerConsumer.Acknowledgement;
import dev.syncline.spi.Position;
import dev.syncline.spi.TopicPartition;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** S9: the group's position is what was acknowledged, no more and no less. */
abstract class AcknowledgingBehaviours extends Behaviours {

    AcknowledgingBehaviours(Supplier<BrokerFixture> open) {
        super(open);
    }

    @Test
    void s9_nextOwnerGoesOnAfterWhatWasAcknowledged() {
        var topic = bench.topic(1);
        var group = bench.group();
        bench.producer().sendAll(Messages.texts(topic, "k", 10));
        var first = bench.consumer(group, topic);
        first.acknowledge(first.take(10).get(3));
        first.close();

        var received = bench.consumer(group, topic).take(6);

        assertThat(Messages.ids(received)).containsExactly("k#4", "k#5", "k#6", "k#7", "k#8", "k#9");
    }

    @Test
    void l2_withoutAcknowledgementEverythingComesAgain() {
        var topic = bench.topic(2);
        var group = bench.group();
        bench.producer().sendAll(Messages.overKeys(topic, 4, 12));
        var first = bench.consumer(group, topic);
        first.take(12);
        first.close();

        var again = bench.consumer(group, topic).take(12);

        assertThat(Messages.ids(again)).containsExactlyInAnyOrderElementsOf(Messages.ids(first.received));
    }

    /** Nobody's message comes back who acknowledged it. */
    @Test
    void s9_acknowledgedMessagesDoNotComeAgain() {
        var topic = bench.topic(3);
        var group = bench.group();
        var producer = bench.producer();
        producer.sendAll(Messages.overKeys(topic, 6, 30));
        var first = bench.consumer(group, topic);
        first.take(30);
        first.acknowledgeAll();
        first.close();
        producer.sendOne(Messages.text(topic, "k", "later"));

        var second = bench.consumer(group, topic);
        second.take(1);
        second.expectNothingMore();

        assertThat(Messages.ids(second.received)).containsExactly("later");
    }

    @Test
    void s9_eachPartitionHasAPositionOfItsOwn() {
        var topic = bench.topic(4);
        var group = bench.group();
        bench.producer().sendAll(Messages.overKeys(topic, 16, 64));
        var first = bench.consumer(group, topic);
        first.take(64);
        var done = first.received.get(0).partition();
        first.acknowledge(first.delivered(Set.of(done)));
        first.close();
        var expected = first.received.stream()
                .filter(one -> !one.partition().equals(done))
                .map(one -> one.message().attribute("id"))
                .toList();

        var second = bench.consumer(group, topic);
        second.take(expected.size());
        second.expectNothingMore();

        assertThat(Messages.ids(second.received)).containsExactlyInAnyOrderElementsOf(expected);
    }

    /** {@code acknowledge} does not wait, but what was handed over before {@code close} is sent. */
    @Test
    void s9_acknowledgementsHandedOverAreSentAtClose() {
        var topic = bench.topic(1);
        var group = bench.group();
        bench.producer().sendAll(Messages.texts(topic, "k", 10));
        var first = bench.consumer(group, topic);
        first.take(10);
        var partition = first.received.get(0).partition();
        for (int i = 0; i < 7; i++) {
            first.raw()
                    .acknowledge(Map.of(
                            partition, new Acknowledgement(first.received.get(i).position(), "")));
        }
        first.close();

        var received = bench.consumer(group, topic).take(3);

        assertThat(Messages.ids(received)).containsExactly("k#7", "k#8", "k#9");
    }

    @Test
    void s9_acknowledgingTwiceIsAcknowledgingOnce() {
        var topic = bench.topic(1);
        var group = bench.group();
        bench.producer().sendAll(Messages.texts(topic, "k", 5));
        var first = bench.consumer(group, topic);
        first.take(5);
        for (int i = 0; i < 3; i++) {
            first.acknowledge(first.received.get(1), "mark");
        }
        first.close();

        var second = bench.consumer(group, topic);

        assertThat(Messages.ids(second.take(3))).containsExactly("k#2", "k#3", "k#4");
        second.expectNothingMore();
    }

    @Test
    void s9_positionDoesNotGoBack() {
        var topic = bench.topic(1);
        var group = bench.group();
        bench.producer().sendAll(Messages.texts(topic, "k", 5));
        var first = bench.consumer(group, topic);
        first.take(5);
        first.acknowledge(first.received.get(3), "high");
        first.acknowledge(first.received.get(1), "low");
        first.close();

        var second = bench.consumer(group, topic);

        assertThat(Messages.ids(second.take(1))).containsExactly("k#4");
        assertThat(second.assignments.values()).singleElement().satisfies(assigned -> {
            assertThat(assigned.acknowledged()).isEqualTo(first.received.get(3).position());
            assertThat(assigned.metadata()).isEqualTo("high");
        });
    }

    @Test
    void nothingAcknowledgedIsSaidAtAssignment() {
        var topic = bench.topic(2);

        var consumer = bench.consumer(bench.group(), topic).untilAssigned(2);

        assertThat(consumer.assignments.values()).allSatisfy(assigned -> {
            assertThat(assigned.acknowledged()).isNull();
            assertThat(assigned.metadata()).isEmpty();
        });
    }

    @Test
    void positionAndMetadataComeBackAtAssignment() {
        var topic = bench.topic(1);
        var group = bench.group();
        var sent = bench.producer().sendAll(Messages.texts(topic, "k", 3));
        var longest = "store=4f1d;" + "~".repeat(Acknowledgement.MAX_METADATA - 11);
        var first = bench.consumer(group, topic);
        first.take(3);
        first.acknowledge(first.received.get(0), "store=0000;");
        first.acknowledge(first.received.get(1), longest);
        first.close();

        var second = bench.consumer(group, topic).untilAssigned(1);

        assertThat(second.assignments.values()).singleElement().satisfies(assigned -> {
            assertThat(assigned.acknowledged()).isEqualTo(sent.get(1).position());
            assertThat(assigned.metadata()).isEqualTo(longest);
        });
    }

    /** The last message there is: the next owner stands at the end and takes what comes. */
    @Test
    void s9_afterEverythingWasAcknowledgedOnlyNewMessagesCome() {
        var topic = bench.topic(1);
        var group = bench.group();
        var producer = bench.producer();
        producer.sendAll(Messages.texts(topic, "k", 3));
        var first = bench.consumer(group, topic);
        first.take(3);
        first.acknowledgeAll();
        first.close();
        var second = bench.consumer(group, topic).untilAssigned(1);
        second.expectNothingMore();

        producer.sendOne(Messages.text(topic, "k", "new"));

        assertThat(Messages.ids(second.take(1))).containsExactly("new");
    }

    @Test
    void callsOnAPartitionThatIsNotAssignedAreRefused() {
        var topic = bench.topic(1);
        var consumer = bench.consumer(bench.group(), topic).untilAssigned(1);

        assertThatCallsAreRefused(consumer, new TopicPartition(topic, 5));
    }

    /** The runtime does not know whether a consumer has reached its broker yet. */
    @Test
    void callsBeforeTheFirstAssignmentAreRefusedButForThoseOnNothing() {
        var topic = bench.topic(1);
        var consumer = bench.consumer(bench.group(), topic);

        assertThatCallsAreRefused(consumer, new TopicPartition(topic, 0));
        consumer.raw().pause(Set.of());
        consumer.raw().resume(Set.of());
        consumer.raw().acknowledge(Map.of());
        assertThat(consumer.raw().acknowledgeNow(Map.of(), bench.patience))
                .as("nothing is acknowledged already")
                .isTrue();
    }

    private void assertThatCallsAreRefused(ConformanceConsumer consumer, TopicPartition other) {
        var position = Map.of(other, new Acknowledgement(Position.of(1), ""));
        for (var call : List.<Runnable>of(
                () -> consumer.raw().acknowledge(position),
                () -> consumer.raw().acknowledgeNow(position, bench.patience),
                () -> consumer.raw().pause(Set.of(other)),
                () -> consumer.raw().resume(Set.of(other)),
                () -> consumer.raw().seekAfter(other, Position.of(1)),
                () -> consumer.raw().lag(other))) {
            assertThatThrownBy(call::run)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(other.topic());
        }
    }
}
