package dev.syncline.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.BrokerException;
import dev.syncline.spi.Message;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.TopicPartition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Several consumers of one group. Where partitions do not move between consumers each of these tests sees the second
 * one refused instead.
 */
abstract class SharingBehaviours extends Behaviours {

    SharingBehaviours(Supplier<BrokerFixture> open) {
        super(open);
    }

    @Test
    void l6_secondConsumerGetsAShare() {
        var topic = bench.topic(4);
        var group = bench.group();
        var first = bench.consumer(group, topic).untilAssigned(4);
        var second = bench.consumer(group, topic);
        if (isRefused(second, group, first)) {
            return;
        }

        bench.until("both own two partitions", () -> own(first, 2) && own(second, 2), first, second);

        assertThat(first.owned).doesNotContainAnyElementsOf(second.owned);
    }

    /** A process that starts looks whether it may read what others read: by that it must not take anything from them. */
    @Test
    void s1_whoLooksWhetherItMayReadTakesNothingFromWhoDoes() {
        var topic = bench.topic(1);
        var group = bench.group();
        var messages = Messages.overKeys(topic, 3, 10);
        var reader = bench.consumer(group, topic).untilAssigned(1);
        bench.producer().sendAll(messages);

        bench.client().check(Set.of(topic), Set.of(topic), group, bench.patience);

        untilAllArrived(messages, reader);
    }

    /** On failure look at what happens between onRevoked and the moment when the partition is given up. */
    @Test
    void s9_nothingIsLostWhenAConsumerJoins() {
        var topic = bench.topic(4);
        var group = bench.group();
        var messages = Messages.overKeys(topic, 12, 240);
        var producer = bench.producer();
        producer.sendAll(messages.subList(0, 120));
        var first = bench.consumer(group, topic);
        first.take(60);
        var second = bench.consumer(group, topic);
        if (isRefused(second, group, first)) {
            return;
        }

        producer.sendAll(messages.subList(120, 240));

        untilAllArrived(messages, first, second);
        bench.until("both own partitions", () -> own(first, 2) && own(second, 2), first, second);
    }

    /** S8: ownership never overlaps, so a message comes to one consumer while it is owned there. */
    @Test
    void s8_partitionIsGivenUpBeforeAnotherOwnsIt() {
        var topic = bench.topic(6);
        var group = bench.group();
        var owners = new HashMap<TopicPartition, ConformanceConsumer>();
        var overlaps = new ArrayList<String>();
        var first = watched(group, topic, owners, overlaps).untilAssigned(6);
        var second = watched(group, topic, owners, overlaps);
        if (isRefused(second, group, first)) {
            return;
        }
        bench.until("both own three partitions", () -> own(first, 3) && own(second, 3), first, second);
        var third = watched(group, topic, owners, overlaps);
        bench.until(
                "each owns two partitions",
                () -> own(first, 2) && own(second, 2) && own(third, 2),
                first,
                second,
                third);

        assertThat(overlaps).as("partitions that two consumers owned at once").isEmpty();
    }

    /** What is acknowledged while partitions are revoked counts: the next owner gets none of it. */
    @Test
    void s9_acknowledgementDuringRevocationCounts() {
        var topic = bench.topic(4);
        var group = bench.group();
        var messages = Messages.overKeys(topic, 16, 64);
        bench.producer().sendAll(messages);
        var first = bench.consumer(group, topic);
        first.take(64);
        first.whenRevoked(partitions -> first.raw().acknowledge(first.delivered(partitions)));
        var second = bench.consumer(group, topic);
        if (isRefused(second, group, first)) {
            return;
        }

        bench.until("the second owns two partitions", () -> own(second, 2) && own(first, 2), first, second);
        second.expectNothingMore();

        assertThat(second.received).as("messages acknowledged by the first").isEmpty();
        assertThat(second.assignments.values())
                .allSatisfy(assigned ->
                        assertThat(assigned.acknowledged()).isEqualTo(newest(first.received, assigned.partition())));
    }

    /** As before, waiting for the broker's answer. */
    @Test
    void s9_acknowledgementDuringRevocationMayWaitForTheBroker() {
        var topic = bench.topic(2);
        var group = bench.group();
        bench.producer().sendAll(Messages.overKeys(topic, 16, 32));
        var first = bench.consumer(group, topic);
        first.take(32);
        var confirmed = new ArrayList<Boolean>();
        first.whenRevoked(
                partitions -> confirmed.add(first.raw().acknowledgeNow(first.delivered(partitions), bench.patience)));
        var second = bench.consumer(group, topic);
        if (isRefused(second, group, first)) {
            return;
        }

        bench.until("the second owns a partition", () -> own(second, 1), first, second);
        second.expectNothingMore();

        assertThat(confirmed).isNotEmpty().doesNotContain(false);
        assertThat(second.received).as("messages acknowledged by the first").isEmpty();
    }

    @Test
    void s9_partitionsKeptDuringARebalanceGoOnWithoutRepeats() {
        var topic = bench.topic(4);
        var group = bench.group();
        var producer = bench.producer();
        producer.sendAll(Messages.overKeys(topic, 16, 64));
        var first = bench.consumer(group, topic);
        first.take(64);
        var second = bench.consumer(group, topic);
        if (isRefused(second, group, first)) {
            return;
        }
        bench.until("both own two partitions", () -> own(first, 2) && own(second, 2), first, second);
        var kept = new HashSet<>(first.owned);

        first.expectNothingMore();

        // nothing was acknowledged: the new owner begins from the start, the old one does not
        assertThat(second.take((int) count(first.received, second.owned))).isNotEmpty();
        assertThat(first.owned).isEqualTo(kept);
        assertThat(first.received).hasSize(64);
    }

    /** The next owner knows nothing of a pause. */
    @Test
    void pausesEndWithTheAssignment() {
        var topic = bench.topic(2);
        var group = bench.group();
        var first = bench.consumer(group, topic).untilAssigned(2);
        first.pause(Set.copyOf(first.owned));
        var second = bench.consumer(group, topic);
        if (isRefused(second, group, first)) {
            return;
        }
        bench.until("both own a partition", () -> own(first, 1) && own(second, 1), first, second);

        bench.producer().sendAll(Messages.overKeys(topic, 16, 16));

        bench.until("the second has messages", () -> !second.received.isEmpty(), first, second);
        assertThat(first.received).isEmpty();
    }

    @Test
    void l2_partitionsOfALeavingConsumerGoToTheOthers() {
        var topic = bench.topic(4);
        var group = bench.group();
        var messages = Messages.overKeys(topic, 16, 128);
        var producer = bench.producer();
        var first = bench.consumer(group, topic).untilAssigned(4);
        var second = bench.consumer(group, topic);
        if (isRefused(second, group, first)) {
            return;
        }
        bench.until("both own two partitions", () -> own(first, 2) && own(second, 2), first, second);
        producer.sendAll(messages.subList(0, 64));
        untilAllArrived(messages.subList(0, 64), first, second);
        first.acknowledgeAll();

        second.close();
        producer.sendAll(messages.subList(64, 128));

        first.untilAssigned(4);
        // the leaving one acknowledged nothing: what it had comes again
        bench.until("the rest has everything", () -> idsOf(first).containsAll(Messages.idsOf(messages)), first);
    }

    @Test
    void closingTellsThatPartitionsAreRevoked() {
        var topic = bench.topic(3);
        var consumer = bench.consumer(bench.group(), topic).untilAssigned(3);
        var revoked = new HashSet<TopicPartition>();
        consumer.whenRevoked(revoked::addAll);

        consumer.close();

        assertThat(revoked).hasSize(3);
        assertThat(consumer.lost).isEmpty();
        assertThat(consumer.owned).isEmpty();
    }

    @Test
    void s9_acknowledgementDuringCloseCounts() {
        var topic = bench.topic(2);
        var group = bench.group();
        bench.producer().sendAll(Messages.overKeys(topic, 8, 16));
        var first = bench.consumer(group, topic);
        first.take(16);
        first.whenRevoked(partitions -> first.raw().acknowledge(first.delivered(partitions)));
        first.close();

        var second = bench.consumer(group, topic).untilAssigned(2);
        second.expectNothingMore();

        assertThat(second.received).isEmpty();
    }

    @Test
    void moreConsumersThanPartitionsLeaveSomeIdle() {
        var topic = bench.topic(1);
        var group = bench.group();
        var first = bench.consumer(group, topic).untilAssigned(1);
        var second = bench.consumer(group, topic);
        if (isRefused(second, group, first)) {
            return;
        }
        second.expectNothingMore();

        first.close();
        bench.producer().sendOne(Messages.text(topic, "k", "to the other"));

        assertThat(Messages.ids(second.take(1))).containsExactly("to the other");
    }

    /** L6: joins and leaves in quick succession end in an even share, with nothing lost. */
    @Test
    void l6_stormOfJoinsAndLeavesConverges() {
        var topic = bench.topic(6);
        var group = bench.group();
        var messages = Messages.overKeys(topic, 24, 480);
        var producer = bench.producer();
        var stable = bench.consumer(group, topic).untilAssigned(6);
        var guests = new ArrayList<ConformanceConsumer>();
        int sent = 0;
        for (int i = 0; i < 6; i++) {
            var guest = bench.consumer(group, topic);
            if (isRefused(guest, group, stable)) {
                return;
            }
            guests.add(guest);
            producer.sendAll(messages.subList(sent, sent += 80));
            for (int round = 0; round < 3; round++) {
                stable.poll();
                guests.forEach(ConformanceConsumer::poll);
            }
            if (i % 2 == 1) {
                guests.remove(0).close();
            }
        }
        var last = guests.remove(0);
        guests.forEach(ConformanceConsumer::close);

        bench.until("both own three partitions", () -> own(stable, 3) && own(last, 3), stable, last);
        bench.until(
                "the two that stayed have everything",
                () -> idsOf(stable, last).containsAll(Messages.idsOf(messages)),
                stable,
                last);
    }

    private ConformanceConsumer watched(
            String group, String topic, Map<TopicPartition, ConformanceConsumer> owners, List<String> overlaps) {
        var consumer = bench.consumer(group, topic);
        consumer.whenAssigned(partitions -> partitions.forEach(assigned -> {
            var other = owners.put(assigned.partition(), consumer);
            if (other != null) {
                overlaps.add(assigned.partition() + " went to " + consumer + " while " + other);
            }
        }));
        consumer.whenRevoked(partitions -> owners.keySet().removeAll(partitions));
        return consumer;
    }

    /** The branch of brokers whose partitions do not move: the second consumer is refused, the first goes on. */
    private boolean isRefused(ConformanceConsumer second, String group, ConformanceConsumer first) {
        if (bench.capabilities().rebalances()) {
            return false;
        }
        int owned = first.owned.size();
        assertThatThrownBy(second::poll)
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining(group)
                .matches(thrown -> !((BrokerException) thrown).isRetryable(), "refused");
        first.poll();
        assertThat(first.owned).hasSize(owned);
        // once the first is closed, the second may go on
        first.close();
        second.untilAssigned(owned);
        return true;
    }

    private void untilAllArrived(List<Message> messages, ConformanceConsumer... consumers) {
        var expected = Messages.idsOf(messages);
        bench.until("all messages arrived", () -> idsOf(consumers).containsAll(expected), consumers);
    }

    private static Set<String> idsOf(ConformanceConsumer... consumers) {
        var ids = new HashSet<String>();
        Stream.of(consumers).forEach(consumer -> ids.addAll(Messages.ids(consumer.received)));
        return ids;
    }

    private static boolean own(ConformanceConsumer consumer, int partitions) {
        return consumer.owned.size() == partitions;
    }

    private static long count(Collection<Received> received, Collection<TopicPartition> partitions) {
        return received.stream()
                .filter(one -> partitions.contains(one.partition()))
                .count();
    }

    @Nullable
    private static Position newest(List<Received> received, TopicPartition partition) {
        return received.stream()
                .filter(one -> one.partition().equals(partition))
                .map(Received::position)
                .reduce((before, after) -> after)
                .orElse(null);
    }
}
