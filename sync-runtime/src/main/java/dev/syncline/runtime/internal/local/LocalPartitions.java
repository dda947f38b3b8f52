package dev.syncline.runtime.internal.local;

import dev.syncline.runtime.internal.outbox.Outbox;
import dev.syncline.runtime.internal.streams.OutboxCursor;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.Subscription;
import dev.syncline.spi.TopicPartition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** All partitions of the topics that a group reads, each where the group's file says, or at its beginning. */
final class LocalPartitions {

    private final LocalBroker broker;
    private final Subscription subscription;
    private final Outbox outbox;
    private final Map<TopicPartition, LocalPartition> byId =
            new TreeMap<>(Comparator.comparing(TopicPartition::topic).thenComparingInt(TopicPartition::partition));
    private final Map<String, LocalPartition[]> byTopic = new HashMap<>();

    private LocalPartitions(LocalBroker broker, Subscription subscription, Outbox outbox) {
        this.broker = broker;
        this.subscription = subscription;
        this.outbox = outbox;
    }

    /**
     * Takes them up, and keeps in the file that they are used.
     *
     * @param taken told of each message as it is read
     */
    static LocalPartitions takeUp(
            LocalBroker broker,
            Subscription subscription,
            Outbox outbox,
            GroupFile file,
            LocalGaps gaps,
            Consumer<Received> taken) {
        var partitions = new LocalPartitions(broker, subscription, outbox);
        var oldest = gaps.oldest();
        for (var topic : new TreeSet<>(subscription.topics())) {
            partitions.takeUp(topic, file, gaps, oldest, taken);
        }
        return partitions;
    }

    private void takeUp(
            String topic, GroupFile file, LocalGaps gaps, LocalGaps.Oldest oldest, Consumer<Received> taken) {
        int count = broker.partitionsOf(topic);
        var found = new LocalPartition[count];
        var kept = new ArrayList<Kept>();
        for (int number = 0; number < count; number++) {
            var id = new TopicPartition(topic, number);
            var before = file.find(topic, count, number);
            var from = before != null ? before : beginning(file, oldest);
            var partition = new LocalPartition(broker.name(), id, count, from, share(), taken);
            var gap = before == null ? null : gaps.at(id, before, oldest);
            if (gap != null) {
                partition.moveTo(from.clear(), gap);
            }
            kept.add(from);
            found[number] = partition;
            byId.put(id, partition);
        }
        file.use(topic, kept);
        byTopic.put(topic, found);
    }

    /** Where a group begins that was never here. */
    private Kept beginning(GroupFile file, LocalGaps.Oldest oldest) {
        if (subscription.start() == Subscription.Start.LATEST && !file.isDamaged()) {
            long n = outbox.lastN();
            return Kept.begin(LocalStore.endAfter(outbox.lastIndex()), n);
        }
        return Kept.begin(new Position(oldest.index(), 0), oldest.n() - 1);
    }

    /**
     * Most messages of one partition in a poll: nine tenths. A partition with a long backlog is then left behind by the
     * reading that serves all, and read beside it, so that what came to others later does not wait for its end.
     */
    private int share() {
        return Math.max(1, subscription.maxPoll() - Math.max(1, subscription.maxPoll() / 10));
    }

    Collection<LocalPartition> all() {
        return byId.values();
    }

    Set<TopicPartition> ids() {
        return byId.keySet();
    }

    @Nullable
    LocalPartition find(TopicPartition id) {
        return byId.get(id);
    }

    /** The one that an entry of the outbox is for; null if it is for none of these. */
    @Nullable
    LocalPartition of(OutboxCursor entry) {
        var ofTopic = byTopic.get(entry.topic());
        if (ofTopic == null || !entry.broker().equals(broker.name())) {
            return null;
        }
        return ofTopic[LocalBroker.partition(entry.shard(), ofTopic.length)];
    }

    /** Where the first of them stands, and before which number; the end of the outbox if there are none. */
    Kept lowest() {
        Position lowest = LocalStore.endAfter(outbox.lastIndex());
        long lowestN = outbox.lastN();
        for (var partition : byId.values()) {
            var kept = partition.kept();
            if (kept.clear().compareTo(lowest) < 0) {
                lowest = kept.clear();
            }
            lowestN = Math.min(lowestN, kept.clearN());
        }
        return Kept.begin(lowest, lowestN);
    }
}
