package dev.syncline.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.BrokerException;
import dev.syncline.spi.Subscription;
import dev.syncline.spi.Subscription.Start;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What groups know of each other, and where they begin. */
abstract class GroupBehaviours extends Behaviours {

    GroupBehaviours(Supplier<BrokerFixture> open) {
        super(open);
    }

    @Test
    void eachGroupGetsEverything() {
        var topic = bench.topic(2);
        var messages = Messages.overKeys(topic, 5, 20);
        bench.producer().sendAll(messages);

        for (int i = 0; i < 3; i++) {
            var consumer = bench.consumer(bench.group(), topic);
            consumer.take(20);
            consumer.acknowledgeAll();
            assertThat(Messages.ids(consumer.received)).containsExactlyInAnyOrderElementsOf(Messages.idsOf(messages));
        }
    }

    @Test
    void acknowledgementsOfOneGroupDoNotMoveAnother() {
        var topic = bench.topic(1);
        var slow = bench.group();
        bench.producer().sendAll(Messages.texts(topic, "k", 6));
        var slowFirst = bench.consumer(slow, topic);
        slowFirst.acknowledge(slowFirst.take(6).get(0));
        slowFirst.close();
        var fast = bench.consumer(bench.group(), topic);
        fast.take(6);
        fast.acknowledgeAll();

        var slowAgain = bench.consumer(slow, topic);

        assertThat(Messages.ids(slowAgain.take(5))).containsExactly("k#1", "k#2", "k#3", "k#4", "k#5");
    }

    @Test
    void newGroupAtTheEarliestGetsWhatWasThereBefore() {
        var topic = bench.topic(1);
        bench.producer().sendAll(Messages.texts(topic, "k", 3));

        var received = bench.consumer(bench.group(), topic).take(3);

        assertThat(Messages.ids(received)).containsExactly("k#0", "k#1", "k#2");
    }

    @Test
    void newGroupAtTheLatestGetsWhatComesAfterItsAssignment() {
        var topic = bench.topic(2);
        var producer = bench.producer();
        producer.sendAll(Messages.overKeys(topic, 8, 16));
        var consumer = bench.consumer(subscription(bench.group(), topic)).untilAssigned(2);
        consumer.expectNothingMore();

        producer.sendOne(Messages.text(topic, "k", "after"));

        assertThat(Messages.ids(consumer.take(1))).containsExactly("after");
    }

    /** The consumer dies before it acknowledged anything: what the group was given is still to be done. */
    @Test
    void s9_groupThatBeganAtTheLatestKeepsWhereItBegan() {
        var topic = bench.topic(1);
        var group = bench.group();
        var producer = bench.producer();
        producer.sendAll(Messages.texts(topic, "old", 3));
        var first = bench.consumer(subscription(group, topic)).untilAssigned(1);
        producer.sendAll(Messages.texts(topic, "new", 2));
        first.take(2);
        first.close();

        var second = bench.consumer(subscription(group, topic));

        assertThat(Messages.ids(second.take(2))).containsExactly("new#0", "new#1");
    }

    /** As before, in a topic that was empty when the group began. */
    @Test
    void s9_groupThatBeganAtTheLatestOfAnEmptyTopicKeepsWhereItBegan() {
        var topic = bench.topic(1);
        var group = bench.group();
        var first = bench.consumer(subscription(group, topic)).untilAssigned(1);
        bench.producer().sendAll(Messages.texts(topic, "new", 2));
        first.take(2);
        first.close();

        var second = bench.consumer(subscription(group, topic));

        assertThat(Messages.ids(second.take(2))).containsExactly("new#0", "new#1");
    }

    /** A group that has a position goes on there, whatever start the subscription names. */
    @Test
    void startIsForNewGroupsOnly() {
        var topic = bench.topic(1);
        var group = bench.group();
        bench.producer().sendAll(Messages.texts(topic, "k", 4));
        var first = bench.consumer(group, topic);
        first.acknowledge(first.take(4).get(1));
        first.close();

        var second = bench.consumer(subscription(group, topic));

        assertThat(Messages.ids(second.take(2))).containsExactly("k#2", "k#3");
    }

    @Test
    void assignmentIsToldBeforeTheFirstMessage() {
        var topic = bench.topic(1);
        bench.producer().sendAll(Messages.texts(topic, "k", 1));
        var consumer = bench.consumer(bench.group(), topic);
        consumer.whenAssigned(partitions -> assertThat(consumer.received)
                .as("messages before the assignment")
                .isEmpty());

        consumer.take(1);

        assertThat(consumer.owned).hasSize(1);
    }

    @Test
    void oneConsumerOwnsEveryPartitionOfEveryTopic() {
        var first = bench.topic(2);
        var second = bench.topic(3);
        var producer = bench.producer();
        producer.sendAll(Messages.overKeys(first, 10, 20));
        producer.sendAll(Messages.overKeys(second, 10, 20));

        var consumer = bench.consumer(bench.group(), first, second).untilAssigned(5);
        consumer.take(40);

        assertThat(consumer.received)
                .filteredOn(one -> one.message().topic().equals(first))
                .hasSize(20);
    }

    @Test
    void forgottenGroupBeginsAnew() {
        var topic = bench.topic(2);
        var group = bench.group();
        bench.producer().sendAll(Messages.overKeys(topic, 4, 8));
        var first = bench.consumer(group, topic);
        first.take(8);
        first.acknowledgeAll();
        first.close();

        bench.client().forgetGroup(group, bench.patience);

        var second = bench.consumer(group, topic);
        second.take(8);
        assertThat(second.assignments.values())
                .allSatisfy(assigned -> assertThat(assigned.acknowledged()).isNull());
    }

    @Test
    void groupInUseIsNotForgotten() {
        var topic = bench.topic(1);
        var group = bench.group();
        bench.consumer(group, topic).untilAssigned(1);
        var client = bench.client();

        assertThatThrownBy(() -> client.forgetGroup(group, bench.patience))
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining(group)
                .matches(thrown -> !((BrokerException) thrown).isRetryable(), "refused");
    }

    @Test
    void groupThatNeverWasIsForgottenAlready() {
        bench.client().forgetGroup(bench.group(), bench.patience);
    }

    private static Subscription subscription(String group, String topic) {
        return new Subscription(group, Set.of(topic), Start.LATEST, "conformance", Bench.MAX_POLL);
    }
}
