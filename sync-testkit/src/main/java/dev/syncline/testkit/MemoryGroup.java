package dev.syncline.testkit;

import dev.syncline.spi.BrokerConsumer.Acknowledgement;
import dev.syncline.spi.TopicPartition;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A group: its positions, its members and which of them owns what. A partition changes hands in two steps: its owner
 * gives it up, in a poll of its own, and only then the next one gets it. Guarded by the lock of its server.
 */
final class MemoryGroup {

    private static final Comparator<TopicPartition> ORDER =
            Comparator.comparing(TopicPartition::topic).thenComparingInt(TopicPartition::partition);

    private final Map<TopicPartition, Acknowledgement> acknowledged = new HashMap<>();
    private final Map<TopicPartition, Long> beginnings = new HashMap<>();
    private final List<MemoryMember> members = new ArrayList<>();
    private final Map<TopicPartition, MemoryMember> owners = new HashMap<>();
    /** In {@link #ORDER}. */
    private final Map<TopicPartition, MemoryMember> planned = new LinkedHashMap<>();

    boolean hasMembers() {
        return !members.isEmpty();
    }

    boolean has(MemoryMember member) {
        return members.contains(member);
    }

    void join(MemoryMember member, Map<String, Integer> partitions) {
        members.add(member);
        plan(partitions);
    }

    void leave(MemoryMember member, Map<String, Integer> partitions) {
        members.remove(member);
        owners.values().removeIf(owner -> owner == member);
        plan(partitions);
    }

    /** Members who did not poll for so long lose what they own. Whether there were any. */
    boolean expel(long nowNanos, long sessionNanos, Map<String, Integer> partitions) {
        var silent = new ArrayList<MemoryMember>();
        for (var member : members) {
            if (member.silentNanos(nowNanos) > sessionNanos) {
                silent.add(member);
            }
        }
        silent.forEach(member -> leave(member, partitions));
        return !silent.isEmpty();
    }

    /** How long until the next member may have to be expelled. */
    long nanosToNextExpiry(long nowNanos, long sessionNanos) {
        long least = Long.MAX_VALUE;
        for (var member : members) {
            least = Math.min(least, sessionNanos - member.silentNanos(nowNanos) + 1);
        }
        return least;
    }

    void everybodyPolled(long nowNanos) {
        members.forEach(member -> member.polled(nowNanos));
    }

    boolean owns(MemoryMember member, TopicPartition partition) {
        return owners.get(partition) == member;
    }

    Set<TopicPartition> toGiveUp(MemoryMember member) {
        var surplus = new HashSet<TopicPartition>();
        owners.forEach((partition, owner) -> {
            if (owner == member && planned.get(partition) != member) {
                surplus.add(partition);
            }
        });
        return surplus;
    }

    void giveUp(MemoryMember member, Set<TopicPartition> partitions) {
        partitions.forEach(partition -> owners.remove(partition, member));
    }

    /** Takes over what is planned for the member and free. */
    List<TopicPartition> take(MemoryMember member) {
        var taken = new ArrayList<TopicPartition>();
        planned.forEach((partition, owner) -> {
            if (owner == member && !owners.containsKey(partition)) {
                taken.add(partition);
            }
        });
        taken.forEach(partition -> owners.put(partition, member));
        return taken;
    }

    /** Never goes back: a lower position than before is without effect. */
    void acknowledge(TopicPartition partition, Acknowledgement position) {
        acknowledged.merge(
                partition, position, (old, next) -> next.position().compareTo(old.position()) < 0 ? old : next);
    }

    @Nullable
    Acknowledgement acknowledged(TopicPartition partition) {
        return acknowledged.get(partition);
    }

    /**
     * Where the group goes on: after what it acknowledged, or where it began. The beginning is kept from the first
     * assignment on, so that a group that began at the newest message loses nothing when its first consumer dies.
     */
    long next(TopicPartition partition, long beginning) {
        var position = acknowledged.get(partition);
        if (position != null) {
            return position.position().major() + 1;
        }
        return beginnings.computeIfAbsent(partition, first -> beginning);
    }

    /** Forgets how far it is. */
    void rewind() {
        acknowledged.keySet().forEach(partition -> beginnings.put(partition, 0L));
        acknowledged.clear();
        expelAll();
    }

    /** Its members find out that they are members no more, and join again. */
    void expelAll() {
        members.clear();
        owners.clear();
        planned.clear();
    }

    /** Shares all partitions out evenly, moving as few as possible. */
    void plan(Map<String, Integer> partitions) {
        planned.clear();
        if (members.isEmpty()) {
            return;
        }
        var shares = new HashMap<MemoryMember, List<TopicPartition>>();
        members.forEach(member -> shares.put(member, new ArrayList<>()));
        for (var partition : subscribed(partitions)) {
            var owner = owners.get(partition);
            var member = owner != null && owner.topics.contains(partition.topic())
                    ? owner
                    : smallest(shares, partition.topic());
            share(shares, member).add(partition);
        }
        boolean moved;
        do {
            moved = moveOne(shares);
        } while (moved);
        var sorted = new TreeMap<TopicPartition, MemoryMember>(ORDER);
        shares.forEach((member, share) -> share.forEach(partition -> sorted.put(partition, member)));
        planned.putAll(sorted);
    }

    private List<TopicPartition> subscribed(Map<String, Integer> partitions) {
        var all = new ArrayList<TopicPartition>();
        partitions.forEach((topic, count) -> {
            if (members.stream().anyMatch(member -> member.topics.contains(topic))) {
                for (int i = 0; i < count; i++) {
                    all.add(new TopicPartition(topic, i));
                }
            }
        });
        // what is owned first, so that what is free fills the gaps
        all.sort(Comparator.comparing((TopicPartition partition) -> !owners.containsKey(partition))
                .thenComparing(ORDER));
        return all;
    }

    private boolean moveOne(Map<MemoryMember, List<TopicPartition>> shares) {
        for (var rich : members) {
            var share = share(shares, rich);
            for (int i = share.size() - 1; i >= 0; i--) {
                var poor = smallest(shares, share.get(i).topic());
                if (share(shares, poor).size() + 1 < share.size()) {
                    share(shares, poor).add(share.remove(i));
                    return true;
                }
            }
        }
        return false;
    }

    private MemoryMember smallest(Map<MemoryMember, List<TopicPartition>> shares, String topic) {
        return members.stream()
                .filter(member -> member.topics.contains(topic))
                .min(Comparator.comparingInt(member -> share(shares, member).size()))
                .orElseThrow();
    }

    private static List<TopicPartition> share(Map<MemoryMember, List<TopicPartition>> shares, MemoryMember member) {
        return shares.computeIfAbsent(member, none -> new ArrayList<>());
    }
}
