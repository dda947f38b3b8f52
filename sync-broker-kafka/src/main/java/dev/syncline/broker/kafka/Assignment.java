package dev.syncline.broker.kafka;

import dev.syncline.spi.AssignmentListener;
import dev.syncline.spi.AssignmentListener.Assigned;
import dev.syncline.spi.Position;
import dev.syncline.spi.Subscription;
import dev.syncline.spi.Subscription.Start;
import dev.syncline.spi.TopicPartition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions that are ours, and what the listener is told of them.
 *
 * <p>A partition that Kafka assigns is paused at once and waits for {@link #announce}, outside of Kafka's callback: its
 * committed position is fetched, a group that has none gets one (committed at once, marked as a start, so that it
 * holds), the client is told to go there, and the listener is told; only then is the partition read. If any of that
 * fails the partition stays as it is, and the next turn tries again: a listener that throws gets the same call once
 * more, and nothing was delivered. What Kafka takes back is told inside of its callback, where an exception is kept
 * until Kafka is done.
 *
 * <p>Used by the polling thread only.
 */
final class Assignment {

    private static final Logger log = LoggerFactory.getLogger(Assignment.class);

    /** Marks a committed position as the place where the group began: nothing is acknowledged yet. */
    static final String STARTED = "syncline:started";

    /** A broker that is there answers within milliseconds; if it is not, the next poll asks again. */
    private static final Duration ASK = Duration.ofSeconds(2);

    private static final Duration LAST_COMMIT = Duration.ofSeconds(2);

    private final Subscription subscription;
    private final AssignmentListener listener;
    private final Commits commits;
    private final Map<org.apache.kafka.common.TopicPartition, OwnedPartition> owned = new LinkedHashMap<>();
    private final Set<org.apache.kafka.common.TopicPartition> unannounced = new LinkedHashSet<>();
    private @Nullable RuntimeException listenerFailure;

    Assignment(Subscription subscription, AssignmentListener listener, Commits commits) {
        this.subscription = subscription;
        this.listener = listener;
        this.commits = commits;
    }

    /** Those that the listener was told of. */
    Collection<OwnedPartition> owned() {
        return owned.values();
    }

    /** As Kafka names them. */
    Set<org.apache.kafka.common.TopicPartition> partitions() {
        return owned.keySet();
    }

    /** The partition if it is ours, else null. */
    @Nullable
    OwnedPartition find(org.apache.kafka.common.TopicPartition partition) {
        return owned.get(partition);
    }

    /**
     * The partition.
     *
     * @throws IllegalStateException if it is not ours
     */
    OwnedPartition get(TopicPartition partition) {
        var ours = find(new org.apache.kafka.common.TopicPartition(partition.topic(), partition.partition()));
        if (ours == null) {
            throw new IllegalStateException(partition + " is not assigned to this consumer");
        }
        return ours;
    }

    boolean isEmpty() {
        return owned.isEmpty() && unannounced.isEmpty();
    }

    boolean hasUnannounced() {
        return !unannounced.isEmpty();
    }

    /** What the listener threw when partitions were taken from it; given out once. */
    @Nullable
    RuntimeException takeListenerFailure() {
        var failure = listenerFailure;
        listenerFailure = null;
        return failure;
    }

    boolean hasListenerFailure() {
        return listenerFailure != null;
    }

    /** Kafka gave us these. */
    void assigned(ConsumerClient client, Collection<org.apache.kafka.common.TopicPartition> partitions) {
        if (!partitions.isEmpty()) {
            client.pause(partitions);
            unannounced.addAll(partitions);
            client.cutShort();
        }
    }

    /** These are ours until this returns. */
    void revoked(ConsumerClient client, Collection<org.apache.kafka.common.TopicPartition> partitions) {
        unannounced.removeAll(partitions);
        var ours = ours(partitions);
        if (!ours.isEmpty()) {
            try {
                tell(() -> listener.onRevoked(names(ours)));
                commits.sendNow(client, partitions, LAST_COMMIT);
            } finally {
                forget(partitions); // told once, whatever it throws
            }
        }
    }

    void revokeAll(ConsumerClient client) {
        revoked(client, new ArrayList<>(owned.keySet()));
        unannounced.clear();
    }

    /** These are not ours any more. */
    void lost(Collection<org.apache.kafka.common.TopicPartition> partitions) {
        unannounced.removeAll(partitions);
        var ours = ours(partitions);
        forget(partitions);
        if (!ours.isEmpty()) {
            tell(() -> listener.onLost(names(ours)));
        }
    }

    void loseAll() {
        lost(new ArrayList<>(owned.keySet()));
        unannounced.clear();
    }

    /** Inside of a callback: an exception must not reach Kafka, which would go on with half a rebalance. */
    private void tell(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException failure) {
            if (listenerFailure == null) {
                listenerFailure = failure;
            } else {
                listenerFailure.addSuppressed(failure);
            }
        }
    }

    private List<OwnedPartition> ours(Collection<org.apache.kafka.common.TopicPartition> partitions) {
        var ours = new ArrayList<OwnedPartition>();
        for (var partition : partitions) {
            var one = owned.get(partition);
            if (one != null) {
                ours.add(one);
            }
        }
        return ours;
    }

    private static Set<TopicPartition> names(List<OwnedPartition> ours) {
        var names = new LinkedHashSet<TopicPartition>();
        ours.forEach(one -> names.add(one.partition));
        return names;
    }

    private void forget(Collection<org.apache.kafka.common.TopicPartition> partitions) {
        commits.forget(partitions);
        partitions.forEach(owned::remove);
    }

    /**
     * Tells the listener of what Kafka assigned, and lets it be read.
     *
     * @throws KafkaException if the broker does not say where the group stands: then nothing has changed
     */
    void announce(ConsumerClient client) {
        var fresh = new LinkedHashSet<>(unannounced);
        var begin = begin(client, fresh);
        var assigned = new ArrayList<Assigned>();
        for (var partition : fresh) {
            var from = Objects.requireNonNull(begin.get(partition));
            var ours = new OwnedPartition(partition, from.offset());
            owned.put(partition, ours);
            // with the epoch that was committed, so that a log which was cut off since is noticed
            client.seek(partition, new OffsetAndMetadata(from.offset(), from.leaderEpoch(), ""));
            assigned.add(said(ours.partition, from));
        }
        boolean accepted = false;
        try {
            listener.onAssigned(assigned);
            accepted = true;
        } finally {
            if (accepted) {
                unannounced.removeAll(fresh);
                client.resume(ours(fresh).stream()
                        .filter(ours -> !ours.paused)
                        .map(ours -> ours.kafka)
                        .toList());
            } else {
                forget(fresh);
            }
        }
    }

    private static Assigned said(TopicPartition partition, OffsetAndMetadata committed) {
        if (committed.metadata().equals(STARTED)) {
            return new Assigned(partition, null, "");
        }
        var last = committed.offset() == 0 ? null : Position.of(committed.offset() - 1);
        return new Assigned(partition, last, committed.metadata());
    }

    /** The committed positions; a group without one begins where it was told to, and that is committed. */
    private Map<org.apache.kafka.common.TopicPartition, OffsetAndMetadata> begin(
            ConsumerClient client, Set<org.apache.kafka.common.TopicPartition> fresh) {
        var begin = new HashMap<org.apache.kafka.common.TopicPartition, OffsetAndMetadata>();
        var without = new ArrayList<org.apache.kafka.common.TopicPartition>();
        var committed = client.committed(fresh, ASK);
        for (var partition : fresh) {
            var position = committed.get(partition);
            if (position == null) {
                without.add(partition);
            } else {
                begin.put(partition, position);
            }
        }
        if (!without.isEmpty()) {
            begin.putAll(start(client, without));
        }
        return begin;
    }

    private Map<org.apache.kafka.common.TopicPartition, OffsetAndMetadata> start(
            ConsumerClient client, List<org.apache.kafka.common.TopicPartition> partitions) {
        var start = subscription.start();
        var starts = new HashMap<org.apache.kafka.common.TopicPartition, OffsetAndMetadata>();
        client.ends(partitions, start, ASK)
                .forEach((partition, offset) -> starts.put(partition, new OffsetAndMetadata(offset, STARTED)));
        client.commit(starts, ASK);
        starts.forEach((partition, offset) -> log.info(
                "Group {} is new in {}: it begins at the {}, offset {}",
                subscription.group(),
                partition,
                start == Start.EARLIEST ? "oldest message" : "next message to come",
                offset.offset()));
        return starts;
    }
}
