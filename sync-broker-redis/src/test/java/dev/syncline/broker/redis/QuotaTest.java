package dev.syncline.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class QuotaTest {

    @Test
    void sharesAddUpAndDifferByOneAtMost() {
        var random = new Random(6);
        for (int run = 0; run < 1000; run++) {
            var members = members(1 + random.nextInt(9), random);
            int partitions = 1 + random.nextInt(40);
            var topic = "topic-" + random.nextInt();

            var shares = members.stream()
                    .map(member -> Quota.of(topic, partitions, members, member))
                    .toList();

            assertThat(shares.stream().mapToInt(share -> share).sum()).isEqualTo(partitions);
            assertThat(shares)
                    .allMatch(
                            share -> share == partitions / members.size() || share == partitions / members.size() + 1);
        }
    }

    /** Members hear of each other in any order. */
    @Test
    void shareDoesNotDependOnTheOrderOfMembers() {
        var random = new Random(7);
        var members = members(5, random);
        var reversed = new ArrayList<>(members);
        java.util.Collections.reverse(reversed);

        for (var member : members) {
            assertThat(Quota.of("topic", 12, members, member)).isEqualTo(Quota.of("topic", 12, reversed, member));
            assertThat(Quota.order("topic", 12, members, member)).isEqualTo(Quota.order("topic", 12, reversed, member));
        }
    }

    @Test
    void memberThatIsNotKnownYetHasNoShare() {
        assertThat(Quota.of("topic", 12, List.of("a", "b"), "c")).isZero();
        assertThat(Quota.of("topic", 12, List.of(), "c")).isZero();
    }

    /** Many topics of one partition: not all of them with one member. */
    @Test
    void whoHasOneMoreChangesFromTopicToTopic() {
        var members = List.of("a", "b", "c");
        var lucky = new TreeSet<String>();
        for (int i = 0; i < 20; i++) {
            for (var member : members) {
                if (Quota.of("topic-" + i, 1, members, member) == 1) {
                    lucky.add(member);
                }
            }
        }

        assertThat(lucky).containsExactly("a", "b", "c");
    }

    @Test
    void orderHoldsEveryPartitionOnceAndBeginsElsewhereForEachMember() {
        var members = List.of("a", "b", "c");
        var beginnings = new TreeSet<Integer>();
        for (var member : members) {
            var order = Quota.order("topic", 6, members, member);
            beginnings.add(order.get(0));
            assertThat(order).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5);
        }

        assertThat(beginnings).hasSize(3);
    }

    private static List<String> members(int count, Random random) {
        var members = new TreeSet<String>();
        while (members.size() < count) {
            members.add(Long.toHexString(random.nextLong()));
        }
        return List.copyOf(members);
    }
}
