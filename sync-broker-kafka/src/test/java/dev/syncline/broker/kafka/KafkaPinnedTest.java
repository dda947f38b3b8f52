package dev.syncline.broker.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.BrokerException;
import dev.syncline.spi.Message;
import dev.syncline.spi.TopicPartition;
import dev.syncline.testkit.server.KafkaServer;
import dev.syncline.testkit.server.RealKafka;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Partitions that are pinned instead of shared out: each is read by one process all the same. */
@StartsThreads
class KafkaPinnedTest {

    private static final String HEARTBEAT = "group.consumer.heartbeat.interval.ms=200";
    private static final String LEAST_HEARTBEAT = "group.consumer.min.heartbeat.interval.ms=200";

    @RealKafka(config = {HEARTBEAT, LEAST_HEARTBEAT})
    static KafkaServer server;

    private Clients clients;
    private String topic;
    private String group;

    @BeforeEach
    void open(TestInfo test) {
        clients = new Clients(server);
        topic = test.getTestMethod().orElseThrow().getName() + "." + System.nanoTime();
        group = "g." + topic;
        server.createTopic(topic, 4);
    }

    @AfterEach
    void close() {
        clients.close();
    }

    private static Map<String, String> pinned(String partitions) {
        return Map.of("partitions.pinned", partitions, "heartbeat.interval.ms", "200");
    }

    private List<Message> overKeys(int count) {
        var messages = new ArrayList<Message>();
        for (int i = 0; i < count; i++) {
            messages.add(Clients.text(topic, "k" + i, "m" + i));
        }
        return messages;
    }

    private int count(int... partitions) {
        int count = 0;
        for (int partition : partitions) {
            count += Math.toIntExact(server.endOffsets(topic).get(partition));
        }
        return count;
    }

    @Test
    void pinnedPartitionsAreReadAndKeptUnderTheGroup() {
        clients.sendAll(overKeys(40));
        var pinned = pinned("1,3");
        var reader = clients.consumer(pinned, group, topic);
        int expected = count(1, 3);

        reader.take(expected);
        reader.pollOn();
        assertThat(reader.received).hasSize(expected);
        assertThat(reader.owned).containsExactlyInAnyOrder(new TopicPartition(topic, 1), new TopicPartition(topic, 3));
        reader.received.forEach(one -> reader.consumer.acknowledge(TestConsumer.upTo(one, "mine")));
        reader.close();
        assertThat(reader.told).endsWith("revoked 2");

        var again = clients.consumer(pinned, group, topic);
        again.until(() -> again.owned.size() == 2);
        again.pollOn();
        assertThat(again.received).isEmpty();
        assertThat(again.assigned.values())
                .allSatisfy(one -> assertThat(one.metadata()).isEqualTo("mine"));
    }

    @Test
    void pinnedPartitionThatIsNotThereIsRefused() {
        var broker = clients.broker(pinned("0-5"));

        assertThatThrownBy(() -> broker.check(Set.of(), Set.of(topic), group, Clients.PATIENCE))
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining("partition 5")
                .hasMessageContaining(topic);
    }

    @Test
    void processesThatPinOtherPartitionsShareAGroup() {
        clients.sendAll(overKeys(40));
        var left = clients.consumer(pinned("0,1"), group, topic);
        var right = clients.consumer(pinned("2-3"), group, topic);

        left.until(() -> left.received.size() + right.received.size() >= 40, left, right);

        assertThat(left.received).hasSize(count(0, 1));
        assertThat(right.received).hasSize(count(2, 3));
        assertThat(left.ids()).doesNotContainAnyElementsOf(right.ids());
    }

    /** S13: of two that pin the same partition the second reads nothing and says why, until the first is gone. */
    @Test
    void s13_partitionThatAnotherProcessPinsIsNotRead() {
        clients.sendAll(overKeys(40));
        var first = clients.consumer(pinned("0,1"), group, topic);
        first.take(count(0, 1));
        first.received.forEach(one -> first.consumer.acknowledge(TestConsumer.upTo(one, "")));
        var second = clients.consumer(pinned("1,2"), group, topic);

        first.until(() -> second.away.contains("partitions.pinned"), first, second);

        assertThat(second.away).contains(group).contains("[1, 2]").contains("member shop-default");
        assertThat(second.received).isEmpty();
        assertThat(second.owned).isEmpty();
        assertThat(first.told).as("the first is not disturbed").containsExactly("assigned 2");

        first.close();
        second.take(count(2));
        assertThat(second.owned).hasSize(2);
        assertThat(second.received).as("what the first did not acknowledge").hasSize(count(2));
    }

    /** S13: a process that hangs loses its partitions to the next one that pins them, and acknowledges in vain. */
    @Test
    void s13_ownerThatHangsHasLostWhatItPins() {
        clients.sendAll(overKeys(20));
        var options = new HashMap<>(pinned("0"));
        options.put("max.poll.interval.ms", "3000");
        var zombie = clients.consumer(options, group, topic);
        zombie.take(count(0));
        var next = clients.consumer(options, group, topic);
        next.take(count(0));

        assertThat(zombie.consumer.acknowledgeNow(
                        TestConsumer.upTo(zombie.received.get(count(0) - 1), ""), Duration.ofSeconds(2)))
                .isFalse();
        assertThat(server.commits(group, topic).get(0).offset()).isZero();
        zombie.until(() -> zombie.told.contains("lost 1"), zombie, next);
        zombie.until(() -> zombie.away.contains("partitions.pinned"), zombie, next);
        assertThat(next.told).containsExactly("assigned 1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"consumer", "classic"})
    void pinnedPartitionsWaitForAGroupThatIsStillSubscribed(String protocol) {
        var member = clients.consumer(Map.of("group.protocol", protocol), group, topic);
        member.until(() -> member.owned.size() == 4);
        var broker = clients.broker(pinned("0"));

        assertThatThrownBy(() -> broker.check(Set.of(), Set.of(topic), group, Clients.PATIENCE))
                .isInstanceOfSatisfying(
                        BrokerException.class,
                        busy -> assertThat(busy.isRetryable()).isTrue())
                .hasMessageContaining(group);
        member.close();
        Awaitility.await()
                .atMost(Clients.PATIENCE)
                .untilAsserted(() -> broker.check(Set.of(), Set.of(topic), group, Clients.PATIENCE));
    }

    @Test
    void checkIsContentWithOthersThatPin() {
        var member = clients.consumer(pinned("0"), group, topic);
        member.until(() -> member.owned.size() == 1);

        clients.broker(pinned("1")).check(Set.of(), Set.of(topic), group, Clients.PATIENCE);
    }

    /** Where the broker shares out, it gives partitions to a member that pins, and asks nobody which. */
    @Test
    void whatSubscribedMembersShareOutIsNotTaken() {
        clients.sendAll(overKeys(20));
        var member = clients.consumer(Map.of("group.protocol", "consumer"), group, topic);
        member.until(() -> member.owned.size() == 4);
        var pinning = clients.consumer(pinned("0"), group, topic);

        member.until(() -> pinning.away.contains("members that subscribe"), member, pinning);

        assertThat(pinning.received).isEmpty();
        assertThat(pinning.told).isEmpty();
        member.until(() -> member.owned.size() == 4);
    }

    @Test
    void subscribedMembersOfAClassicGroupAreNotJoined() {
        var member =
                clients.consumer(Map.of("group.protocol", "classic", "heartbeat.interval.ms", "200"), group, topic);
        member.until(() -> member.owned.size() == 4);

        assertThat(clients.consumer(pinned("0"), group, topic).refusal()).hasMessageContaining("group.protocol");
    }
}
