package dev.syncline.broker.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.GroupSubscription;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** Who gets which pinned partitions, of a topic that has four. */
class PinsTest {

    private final Map<String, Subscription> members = new HashMap<>();

    private void member(String name, int generation, List<Integer> owned, Integer... pinned) {
        var assignor = new Pins.Assignor();
        assignor.configure(Map.of(Pins.CONFIG, new Pins(new TreeSet<>(List.of(pinned)))));
        members.put(
                name,
                new Subscription(
                        List.of("t"),
                        assignor.subscriptionUserData(Set.of("t")),
                        owned.stream()
                                .map(number -> new TopicPartition("t", number))
                                .toList(),
                        generation,
                        Optional.empty()));
    }

    private Map<String, Assignment> assign() {
        var partitions = List.of(0, 1, 2, 3).stream()
                .map(number -> new PartitionInfo("t", number, Node.noNode(), new Node[0], new Node[0]))
                .toList();
        var cluster = new Cluster("c", List.of(), partitions, Set.of(), Set.of());
        return new Pins.Assignor()
                .assign(cluster, new GroupSubscription(members))
                .groupAssignment();
    }

    private List<Integer> given(String member) {
        return assign().get(member).partitions().stream()
                .map(TopicPartition::partition)
                .sorted()
                .toList();
    }

    private String holder(String member) {
        var told = assign().get(member).userData();
        return told == null ? "" : StandardCharsets.UTF_8.decode(told).toString();
    }

    @Test
    void eachMemberGetsWhatItPins() {
        member("a", 1, List.of(), 0, 3);
        member("b", 1, List.of(), 1);

        assertThat(given("a")).containsExactly(0, 3);
        assertThat(given("b")).containsExactly(1);
        assertThat(holder("b")).isEmpty();
    }

    @Test
    void whoPinsAPartitionThatHasAnOwnerGetsNothingAtAll() {
        member("a", 2, List.of(), 0, 1, 2);
        member("b", 2, List.of(2), 2);

        assertThat(given("a")).isEmpty();
        assertThat(holder("a")).isEqualTo("b");
        assertThat(given("b")).containsExactly(2);
    }

    @Test
    void ofTwoNewMembersOneGetsAll() {
        member("a", 0, List.of(), 0, 1);
        member("b", 0, List.of(), 1, 2);

        assertThat(given("a")).containsExactly(0, 1);
        assertThat(given("b")).isEmpty();
        assertThat(holder("b")).isEqualTo("a");
    }

    /** A member that missed a rebalance does not know what it lost. */
    @Test
    void newerOwnerIsBelieved() {
        member("a", 4, List.of(2), 2);
        member("b", 5, List.of(2), 2);

        assertThat(given("a")).isEmpty();
        assertThat(given("b")).containsExactly(2);
    }

    /** What somebody still reads goes to nobody before it was given up, even if it is not pinned there any more. */
    @Test
    void partitionIsGivenUpBeforeItMoves() {
        member("a", 3, List.of(1), 0);
        member("b", 3, List.of(), 1);

        assertThat(given("a")).containsExactly(0);
        assertThat(given("b")).isEmpty();
    }

    @Test
    void partitionsThatAreNotThereYetAreLeftOut() {
        member("a", 1, List.of(), 3, 4);

        assertThat(given("a")).containsExactly(3);
    }

    @Test
    void whatTheGroupSaysIsTold() {
        var pins = new Pins(new TreeSet<>(Set.of(1)));
        var assignor = new Pins.Assignor();
        assignor.configure(Map.of(Pins.CONFIG, pins));
        assertThat(pins.refusal("g")).isNull();

        assignor.onAssignment(new Assignment(List.of(), StandardCharsets.UTF_8.encode("other")), null);
        assertThat(pins.refusal("g")).hasMessageContaining("member other of group \"g\"");

        assignor.onAssignment(new Assignment(List.of(new TopicPartition("t", 1))), null);
        assertThat(pins.refusal("g")).isNull();

        assignor.onAssignment(new Assignment(List.of(new TopicPartition("t", 0))), null);
        assertThat(pins.isGivenOthers()).isTrue();
        assertThat(pins.refusal("g")).hasMessageContaining("members that subscribe");
    }
}
