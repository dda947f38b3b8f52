package dev.syncline.broker.redis;

import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/**
 * How many partitions of a topic a member should own. Each member computes it for itself from who is alive: the shares
 * differ by one at most and add up, so that members who give up what is above and take what is below their share end in
 * a fair assignment, and move no more than it takes.
 */
final class Quota {

    private Quota() {}

    /**
     * The share of one member.
     *
     * @param members all that are alive
     * @return 0 if the member is not among them
     */
    static int of(String topic, int partitions, Collection<String> members, String member) {
        int rank = rank(topic, members, member);
        if (rank < 0) {
            return 0;
        }
        return partitions / members.size() + (rank < partitions % members.size() ? 1 : 0);
    }

    /**
     * The partitions in the order in which the member should try to take them: members that come at the same time begin
     * at different places.
     */
    static List<Integer> order(String topic, int partitions, Collection<String> members, String member) {
        int first = Math.max(rank(topic, members, member), 0) * partitions / Math.max(members.size(), 1);
        return java.util.stream.IntStream.range(0, partitions)
                .mapToObj(i -> (first + i) % partitions)
                .toList();
    }

    /** Turned by topic, so that with many small topics not always the same member has one more. */
    private static int rank(String topic, Collection<String> members, String member) {
        int place = List.copyOf(new TreeSet<>(members)).indexOf(member);
        return place < 0 ? -1 : Math.floorMod(place + topic.hashCode(), members.size());
    }
}
