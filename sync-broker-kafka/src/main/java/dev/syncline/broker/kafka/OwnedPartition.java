package dev.syncline.broker.kafka;

import dev.syncline.spi.TopicPartition;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.jspecify.annotations.Nullable;

/** One partition for as long as it is ours: what was fetched and not delivered, and how far it is done. */
final class OwnedPartition {

    final TopicPartition partition;
    final org.apache.kafka.common.TopicPartition kafka;

    /** Fetched and not delivered: it was paused in the middle of a poll, or the sink threw. */
    final ArrayDeque<ConsumerRecord<byte[], byte[]>> ready = new ArrayDeque<>();

    boolean paused;

    /** Offset that Kafka's client fetches next. */
    long position;

    /** Offset behind the last one that is done. */
    long acknowledged;

    /** The epoch of the leader at the offsets where it changed: kept beside a position, it uncovers a truncated log. */
    private final TreeMap<Long, Integer> epochs = new TreeMap<>();

    OwnedPartition(org.apache.kafka.common.TopicPartition kafka, long acknowledged) {
        this.kafka = kafka;
        this.partition = new TopicPartition(kafka.topic(), kafka.partition());
        this.acknowledged = acknowledged;
        this.position = acknowledged;
    }

    void fetched(List<ConsumerRecord<byte[], byte[]>> records) {
        for (var record : records) {
            record.leaderEpoch().ifPresent(epoch -> noteEpoch(record.offset(), epoch));
        }
        ready.addAll(records);
    }

    private void noteEpoch(long offset, int epoch) {
        var last = epochs.lastEntry();
        if (last == null || last.getValue() != epoch) {
            epochs.put(offset, epoch);
        }
    }

    /** Everything that was fetched is of no use any more. */
    void sought(long offset) {
        ready.clear();
        epochs.clear();
        position = offset;
    }

    boolean hasDeliverable() {
        return !paused && !ready.isEmpty();
    }

    @Nullable
    ConsumerRecord<byte[], byte[]> next() {
        return paused ? null : ready.peek();
    }

    /** The record was taken by the sink; which may have sought away from it. */
    void delivered(ConsumerRecord<byte[], byte[]> record) {
        if (ready.peek() == record) {
            ready.remove();
        }
    }

    /** What to commit so that the next owner begins at {@code offset}, or null if that would go back. */
    @Nullable
    OffsetAndMetadata acknowledge(long offset, String metadata) {
        if (offset < acknowledged) {
            return null;
        }
        acknowledged = offset;
        var epoch = epochs.floorEntry(offset - 1);
        if (epoch != null) {
            epochs.headMap(epoch.getKey(), false).clear();
        }
        return new OffsetAndMetadata(
                offset, epoch == null ? Optional.empty() : Optional.of(epoch.getValue()), metadata);
    }
}
