package dev.syncline.broker.kafka;

import dev.syncline.broker.kafka.KafkaSettings.Protocol;
import dev.syncline.spi.Subscription.Start;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.NoOffsetForPartitionException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.consumer.OffsetCommitCallback;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One of Kafka's consumers, with its wakeups tamed: only {@link #poll} ever ends early because of one. Used by the
 * polling thread, but for {@link #wakeup}.
 */
final class ConsumerClient {

    private static final Logger log = LoggerFactory.getLogger(ConsumerClient.class);

    private final Consumer<byte[], byte[]> kafka;
    private final Protocol protocol;
    private final Wakeups wakeups;
    private final Silence silence;

    /** Set while it is this partition's turn to wait: the last poll was full of it alone. */
    private @Nullable TopicPartition hog;

    private long polledNanos = System.nanoTime();

    ConsumerClient(Consumer<byte[], byte[]> kafka, Protocol protocol, Wakeups wakeups, Silence silence) {
        this.kafka = kafka;
        this.protocol = protocol;
        this.wakeups = wakeups;
        this.silence = silence;
        silence.listenTo(kafka.metrics(), polledNanos);
    }

    Protocol protocol() {
        return protocol;
    }

    void subscribe(Collection<String> topics, ConsumerRebalanceListener listener) {
        kafka.subscribe(topics, listener);
    }

    /** When the running or else the last poll began. */
    long polledNanos() {
        return polledNanos;
    }

    /**
     * Waits for messages at most so long; returns early, maybe with nothing, when woken.
     *
     * @throws KafkaException as Kafka throws it
     */
    void poll(Duration atMost, int full, java.util.function.Consumer<ConsumerRecords<byte[], byte[]>> sink) {
        boolean mayWait = wakeups.begin();
        polledNanos = System.nanoTime();
        try {
            var records = pollOthers();
            if (records.isEmpty()) {
                records = kafka.poll(mayWait ? atMost : Duration.ZERO);
            }
            note(records, full);
            sink.accept(records);
        } catch (WakeupException noticed) {
            wakeups.noticed();
        } catch (NoOffsetForPartitionException notToldYet) {
            // the client asked before we told it where to begin; every partition is told before it is read
        } finally {
            if (wakeups.end()) {
                takeWakeupBack(sink);
            }
            silence.look(System.nanoTime());
        }
    }

    /** Kafka hands over one partition's backlog before the next one's: whatever filled a poll sits out one. */
    private ConsumerRecords<byte[], byte[]> pollOthers() {
        var waiting = hog;
        hog = null;
        if (waiting == null
                || !kafka.assignment().contains(waiting)
                || kafka.paused().contains(waiting)) {
            return ConsumerRecords.empty();
        }
        kafka.pause(List.of(waiting));
        try {
            return kafka.poll(Duration.ZERO);
        } finally {
            resume(List.of(waiting));
        }
    }

    private void note(ConsumerRecords<byte[], byte[]> records, int full) {
        if (records.count() >= full && records.partitions().size() == 1) {
            hog = records.partitions().iterator().next();
        }
    }

    /** Nothing threw the wakeup that was passed on; the next call, maybe a commit, would. */
    private void takeWakeupBack(java.util.function.Consumer<ConsumerRecords<byte[], byte[]>> sink) {
        try {
            sink.accept(kafka.poll(Duration.ZERO));
        } catch (WakeupException expected) {
            // it is out
        } catch (KafkaException other) {
            log.debug("While taking back a wakeup", other);
        }
    }

    /** From inside of a poll: it shall return soon. */
    void cutShort() {
        wakeups.cutShort(kafka);
    }

    /** From any thread. */
    void wakeup() {
        wakeups.request(kafka);
    }

    void pause(Collection<TopicPartition> partitions) {
        partitions.forEach(one -> ifHeld(one, () -> kafka.pause(List.of(one))));
    }

    void resume(Collection<TopicPartition> partitions) {
        partitions.forEach(one -> ifHeld(one, () -> kafka.resume(List.of(one))));
    }

    /** The client's own thread may have dropped a partition just now: the listener is told in the next poll. */
    private void ifHeld(TopicPartition partition, Runnable call) {
        try {
            call.run();
        } catch (IllegalStateException unknown) {
            if (kafka.assignment().contains(partition)) {
                throw unknown;
            }
            log.debug("{} is not ours any more", partition);
        }
    }

    void seek(TopicPartition partition, OffsetAndMetadata offset) {
        kafka.seek(partition, offset);
    }

    OptionalLong lagOfPosition(TopicPartition partition) {
        return kafka.currentLag(partition);
    }

    Map<TopicPartition, OffsetAndMetadata> committed(Set<TopicPartition> partitions, Duration atMost) {
        return unwoken(() -> kafka.committed(partitions, atMost));
    }

    void commit(Map<TopicPartition, OffsetAndMetadata> offsets, Duration atMost) {
        unwoken(() -> {
            kafka.commitSync(offsets, atMost);
            return true;
        });
    }

    /** Lets the client read what the broker sent it: a classic one does so only while it asks something. */
    void talk(Set<TopicPartition> about, Duration atMost) {
        try {
            committed(about, atMost);
        } catch (KafkaException unanswered) {
            log.debug("While waiting for a rebalance to end", unanswered);
        }
    }

    void commitLater(Map<TopicPartition, OffsetAndMetadata> offsets, OffsetCommitCallback callback) {
        kafka.commitAsync(offsets, callback);
    }

    Map<TopicPartition, Long> ends(Collection<TopicPartition> partitions, Start start, Duration atMost) {
        return unwoken(() -> start == Start.EARLIEST
                ? kafka.beginningOffsets(partitions, atMost)
                : kafka.endOffsets(partitions, atMost));
    }

    @Nullable
    OffsetAndTimestamp at(TopicPartition partition, long millis, Duration atMost) {
        return unwoken(() -> kafka.offsetsForTimes(Map.of(partition, millis), atMost))
                .get(partition);
    }

    /** Calls Kafka so that a wakeup, which is meant for the wait around it, does not end the call. */
    private <T> T unwoken(Supplier<T> call) {
        try {
            return call.get();
        } catch (WakeupException meantForTheWait) {
            wakeups.noticed();
            return call.get();
        }
    }

    void close(Duration atMost) {
        try {
            kafka.close(CloseOptions.timeout(atMost));
        } catch (KafkaException unclean) {
            log.debug("Closing a consumer failed", unclean);
        }
    }
}
