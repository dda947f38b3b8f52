package dev.syncline.broker.redis;

import dev.syncline.spi.AssignmentListener;
import dev.syncline.spi.TopicPartition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The partitions that a consumer owns, and those that it has given up and not let go of yet. Tells the listener of every
 * change, so that it knows neither more nor less.
 *
 * <p>Threading: the polling thread; the listener is called by {@link #assign}, {@link #dropLost} and {@link #giveUp} only.
 */
final class Ownership {

    private static final Comparator<TopicPartition> ORDER =
            Comparator.comparing(TopicPartition::topic).thenComparingInt(TopicPartition::partition);

    private final AssignmentListener listener;
    private final LeaseKeeper keeper;
    private final MissingData missingData;
    private final Map<TopicPartition, OwnedPartition> owned = new TreeMap<>(ORDER);
    private final List<OwnedPartition> leaving = new ArrayList<>();
    private boolean isToldAnything;

    Ownership(AssignmentListener listener, LeaseKeeper keeper, MissingData missingData) {
        this.listener = listener;
        this.keeper = keeper;
        this.missingData = missingData;
    }

    /** All that is ours, in order. */
    Collection<OwnedPartition> all() {
        return owned.values();
    }

    List<OwnedPartition> of(Topic topic) {
        return owned.values().stream()
                .filter(one -> one.partition.topic().equals(topic.name()))
                .toList();
    }

    @Nullable
    OwnedPartition get(TopicPartition partition) {
        return owned.get(partition);
    }

    /** Given up, with acknowledgements or the lease itself still to be sent. */
    List<OwnedPartition> leaving() {
        return leaving;
    }

    /** Whether it is neither ours nor just being let go of. */
    boolean isForeign(TopicPartition partition) {
        return !owned.containsKey(partition) && leaving.stream().noneMatch(one -> one.partition.equals(partition));
    }

    /** These are ours from now on. */
    void assign(List<OwnedPartition> partitions) {
        if (partitions.isEmpty()) {
            return;
        }
        isToldAnything = true;
        for (var one : partitions) {
            owned.put(one.partition, one);
            keeper.add(one.lease);
        }
        listener.onAssigned(partitions.stream().map(OwnedPartition::assigned).toList());
    }

    /** There is nothing for us: that is an answer, too, for who waits for the first one. */
    void assignNothing() {
        if (!isToldAnything) {
            isToldAnything = true;
            listener.onAssigned(List.of());
        }
    }

    /** Drops what may be another's by now. */
    void dropLost(long nowNanos) {
        var lost = new HashSet<TopicPartition>();
        for (var one : List.copyOf(owned.values())) {
            if (one.lease.isLost(nowNanos)) {
                remove(one);
                lost.add(one.partition);
            }
        }
        if (!lost.isEmpty()) {
            listener.onLost(lost);
        }
    }

    void giveUp(List<OwnedPartition> partitions) {
        if (partitions.isEmpty()) {
            return;
        }
        var names = new HashSet<TopicPartition>();
        partitions.forEach(one -> names.add(one.partition));
        listener.onRevoked(names);
        for (var one : partitions) {
            remove(one);
            leaving.add(one);
        }
    }

    /** What was taken, and the listener never heard of. */
    void takeBack(List<OwnedPartition> partitions) {
        leaving.addAll(partitions);
    }

    private void remove(OwnedPartition one) {
        owned.remove(one.partition);
        keeper.remove(one.lease);
        missingData.remember(one);
    }

    /** Leases of what is leaving run out by themselves. */
    void disconnected() {
        leaving.clear();
        owned.values().forEach(OwnedPartition::disconnected);
    }
}
