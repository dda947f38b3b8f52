package dev.syncline.runtime.internal.local;

import dev.syncline.runtime.internal.envelope.LogText;
import dev.syncline.runtime.internal.outbox.Outbox;
import dev.syncline.runtime.internal.streams.LogStreams;
import dev.syncline.runtime.internal.streams.OutboxCursor;
import dev.syncline.spi.BrokerConsumer.Acknowledgement;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.Subscription;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A group while it is read: the right to it, where each partition stands, and what of the outbox is needed for it. From
 * the first poll until its consumer lets go.
 *
 * <p>Threading: under the monitor of its consumer, except {@link #partitions()}, which do not change.
 */
final class LocalReading {

    private static final Logger LOG = LoggerFactory.getLogger(LocalReading.class);

    private static final int READS_PER_TURN = 4096;

    private final Outbox outbox;
    private final LocalStore.Claim claim;
    private final LocalPartitions partitions;
    private final LogStreams<OutboxCursor> streams;
    private final Outbox.Registration registration;

    private LocalReading(
            Outbox outbox,
            LocalStore.Claim claim,
            LocalPartitions partitions,
            LogStreams<OutboxCursor> streams,
            Outbox.Registration registration) {
        this.outbox = outbox;
        this.claim = claim;
        this.partitions = partitions;
        this.streams = streams;
        this.registration = registration;
    }

    /**
     * Takes the group.
     *
     * @param taken told of each message as it is read
     * @param onAppend told that there may be more to read; from any thread
     * @throws dev.syncline.api.BrokerException refused if another reads it
     */
    static LocalReading begin(
            LocalBroker broker,
            LocalStore store,
            Subscription subscription,
            LocalGaps gaps,
            Consumer<Received> taken,
            Runnable onAppend) {
        var claim = store.claim(subscription.group(), subscription.member());
        try {
            var outbox = store.outbox();
            var partitions = LocalPartitions.takeUp(broker, subscription, outbox, claim.file(), gaps, taken);
            var lowest = partitions.lowest();
            var streams = new LogStreams<OutboxCursor>(
                    () -> new OutboxCursor(outbox.newReader()), partitions::of, lowest.clear(), lowest.clearN());
            for (var partition : partitions.all()) {
                var kept = partition.kept();
                streams.add(partition, kept.clear(), kept.clearN());
            }
            nameLeftTopics(subscription, claim);
            var reading = new LocalReading(outbox, claim, partitions, streams, outbox.onAppend(onAppend));
            reading.tellNeeds();
            return reading;
        } catch (RuntimeException failure) {
            claim.release();
            throw failure;
        }
    }

    private static void nameLeftTopics(Subscription subscription, LocalStore.Claim claim) {
        var left = new TreeSet<String>();
        claim.file().entries().forEach(entry -> left.add(entry.topic()));
        left.removeAll(subscription.topics());
        if (!left.isEmpty()) {
            LOG.info(
                    "group {} does not read {} any more; its positions there are kept, messages that it has not done"
                            + " may be dropped with the outbox's retention",
                    LogText.of(subscription.group()),
                    LogText.of(left.toString()));
        }
    }

    LocalPartitions partitions() {
        return partitions;
    }

    /** Reads on, for partitions that take messages; at most so many. Whether there may be more. */
    boolean poll(int room) {
        for (var partition : partitions.all()) {
            partition.beginPoll();
            if (partition.isFlowing()) {
                streams.ready(partition);
            }
        }
        return room > 0 && streams.poll(READS_PER_TURN, room) > 0;
    }

    void acknowledge(LocalPartition partition, Acknowledgement acknowledgement) {
        if (partition.acknowledge(acknowledgement, streams.position(partition), streams.nBefore(partition))) {
            keep(partition);
        }
    }

    /** Brings partitions up to date in which nothing happens, and says what is needed of the outbox. */
    void refresh() {
        for (var partition : partitions.all()) {
            if (partition.advance(streams.position(partition), streams.nBefore(partition))) {
                keep(partition);
            }
        }
        tellNeeds();
    }

    private void keep(LocalPartition partition) {
        claim.file().put(partition.id.topic(), partition.partitions, partition.id.partition(), partition.kept());
    }

    /** What is not done, and what is being read: after a seek back that may be less. */
    private void tellNeeds() {
        long lowest = Long.MAX_VALUE;
        for (var partition : partitions.all()) {
            lowest = Math.min(lowest, partition.kept().clear().major());
            lowest = Math.min(lowest, streams.position(partition).major());
        }
        claim.needs(lowest);
    }

    /** Makes all positions survive a power failure. Blocks for the disk. */
    void force() {
        claim.file().force();
    }

    /** Reads a partition on from there, or not, if there is a gap. */
    void moveTo(LocalPartition partition, Position from, @Nullable String gap) {
        partition.moveTo(from, gap);
        streams.moveTo(partition, from, 0);
        tellNeeds();
    }

    /** How many messages of a partition are not done, at most. */
    long lag(LocalPartition partition) {
        if (partition.isReadWithoutGap()) {
            long unread = Math.max(0, outbox.lastN() - streams.mainN());
            return partition.open() + streams.behind(partition) + unread;
        }
        return Math.max(0, outbox.lastN() - partition.kept().clearN());
    }

    /** Lets go of the group. */
    void end() {
        registration.close();
        streams.close();
        claim.release();
    }
}
