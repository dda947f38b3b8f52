package dev.syncline.broker.kafka;

import dev.syncline.spi.AssignmentListener;
import dev.syncline.spi.BrokerConsumer;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.Subscription;
import dev.syncline.spi.Subscription.Start;
import dev.syncline.spi.TopicPartition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads as a member of a group: {@link Membership} has the client, {@link Assignment} knows which partitions, {@link
 * Commits} how far they are done.
 *
 * <p>Threading: the caller's thread does everything, also what Kafka calls back inside of {@code poll}. A lock makes
 * {@link #close} from another thread wait for its turn.
 */
final class KafkaBrokerConsumer implements BrokerConsumer {

    private static final Logger log = LoggerFactory.getLogger(KafkaBrokerConsumer.class);

    private static final Duration SEEK = Duration.ofSeconds(10);

    private final Subscription subscription;
    private final KafkaFailures failures;
    private final Consumer<KafkaBrokerConsumer> onClosed;
    private final Membership membership;
    private final Assignment assignment;
    private final Commits commits;

    private final ReentrantLock turn = new ReentrantLock();
    private volatile boolean closing;
    private boolean isPolling;
    private boolean closed;

    KafkaBrokerConsumer(
            Subscription subscription,
            AssignmentListener listener,
            KafkaSettings settings,
            KafkaClients clients,
            ProtocolChoice protocols,
            TopicWatch watch,
            EndOffsets ends,
            KafkaFailures failures,
            Consumer<KafkaBrokerConsumer> onClosed) {
        this.subscription = subscription;
        this.failures = failures;
        this.onClosed = onClosed;
        this.membership = new Membership(
                subscription, listener, settings, clients, protocols, watch, ends, failures, () -> closing);
        this.assignment = membership.assignment();
        this.commits = membership.commits();
    }

    @Override
    public void poll(Duration atMost, Consumer<Received> sink) {
        turn.lock();
        try {
            ensureOpen();
            isPolling = true;
            try {
                membership.fetch(System.nanoTime() + atMost.toNanos());
                int delivered = deliver(sink);
                var thrown = assignment.takeListenerFailure();
                if (thrown != null) {
                    throw thrown;
                }
                if (delivered == 0) {
                    membership.complain();
                }
            } finally {
                isPolling = false;
                membership.polled();
                if (closing) {
                    end();
                }
            }
        } finally {
            turn.unlock();
        }
    }

    private int deliver(Consumer<Received> sink) {
        int delivered = 0;
        for (var ours : new ArrayList<>(assignment.owned())) {
            for (var next = ours.next(); next != null && delivered < subscription.maxPoll(); next = ours.next()) {
                sink.accept(KafkaRecords.received(ours.partition, next));
                delivered++;
                ours.delivered(next);
            }
        }
        return delivered;
    }

    @Override
    public void acknowledge(Map<TopicPartition, Acknowledgement> positions) {
        withClient(positions.keySet(), open -> {
            want(positions);
            commits.send(open);
        });
    }

    @Override
    public boolean acknowledgeNow(Map<TopicPartition, Acknowledgement> positions, Duration atMost) {
        var confirmed = new boolean[] {true};
        withClient(positions.keySet(), open -> confirmed[0] = commits.sendNow(open, want(positions), atMost));
        return confirmed[0];
    }

    private List<org.apache.kafka.common.TopicPartition> want(Map<TopicPartition, Acknowledgement> positions) {
        var asked = new ArrayList<org.apache.kafka.common.TopicPartition>();
        positions.keySet().forEach(partition -> asked.add(assignment.get(partition).kafka));
        positions.forEach((partition, done) -> {
            var ours = assignment.get(partition);
            var offset = ours.acknowledge(done.position().major() + 1, done.metadata());
            if (offset != null) {
                commits.want(ours.kafka, offset);
            }
        });
        return asked;
    }

    @Override
    public void pause(Set<TopicPartition> partitions) {
        withClient(partitions, open -> open.pause(mark(partitions, true)));
    }

    @Override
    public void resume(Set<TopicPartition> partitions) {
        withClient(partitions, open -> open.resume(mark(partitions, false)));
    }

    private List<org.apache.kafka.common.TopicPartition> mark(Set<TopicPartition> partitions, boolean paused) {
        var ours = partitions.stream().map(assignment::get).toList();
        ours.forEach(one -> one.paused = paused);
        return ours.stream().map(one -> one.kafka).toList();
    }

    @Override
    public void seekAfter(TopicPartition partition, Position position) {
        withClient(Set.of(partition), open -> seek(open, assignment.get(partition), position.major() + 1));
    }

    @Override
    public void seekTo(TopicPartition partition, Instant time) {
        withClient(Set.of(partition), open -> {
            var ours = assignment.get(partition);
            long millis = Math.max(0, time.toEpochMilli());
            var found = asking("find " + time + " in " + partition, () -> open.at(ours.kafka, millis, SEEK));
            if (found == null) {
                seekTo(open, ours, Start.LATEST);
            } else {
                seek(open, ours, found.offset());
            }
        });
    }

    @Override
    public void seekTo(TopicPartition partition, Start start) {
        withClient(Set.of(partition), open -> seekTo(open, assignment.get(partition), start));
    }

    private void seekTo(ConsumerClient open, OwnedPartition ours, Start start) {
        var found = asking(
                "find the " + start + " of " + ours.partition, () -> open.ends(List.of(ours.kafka), start, SEEK));
        seek(open, ours, Objects.requireNonNull(found.get(ours.kafka)));
    }

    private static void seek(ConsumerClient open, OwnedPartition ours, long offset) {
        open.seek(ours.kafka, new OffsetAndMetadata(offset));
        ours.sought(offset);
    }

    private <T extends @Nullable Object> T asking(String doing, Supplier<T> question) {
        try {
            return question.get();
        } catch (KafkaException failure) {
            throw failures.of(failure, doing);
        }
    }

    /** Known while the broker answers; what is fetched meanwhile may be newer than the answer. */
    @Override
    public OptionalLong lag(TopicPartition partition) {
        turn.lock();
        try {
            ensureOpen();
            var ours = assignment.get(partition);
            var open = membership.client();
            var end = membership.end(ours);
            if (end.isEmpty() || open == null) {
                return OptionalLong.empty();
            }
            long fetched = ours.position + open.lagOfPosition(ours.kafka).orElse(0);
            return OptionalLong.of(Math.max(0, Math.max(end.getAsLong(), fetched) - ours.acknowledged));
        } finally {
            turn.unlock();
        }
    }

    /**
     * Does something with partitions that are ours; nothing if there are none.
     *
     * @throws IllegalStateException if one is not
     */
    private void withClient(Set<TopicPartition> partitions, Consumer<ConsumerClient> call) {
        turn.lock();
        try {
            ensureOpen();
            partitions.forEach(assignment::get);
            if (!partitions.isEmpty()) {
                call.accept(Objects.requireNonNull(membership.client())); // or else nothing would be ours
            }
        } finally {
            turn.unlock();
        }
    }

    private void ensureOpen() {
        if (closed) {
            throw new IllegalStateException("this consumer is closed");
        }
    }

    @Override
    public void wakeup() {
        membership.wakeup();
    }

    @Override
    public void close() {
        closing = true;
        wakeup();
        turn.lock();
        try {
            if (!isPolling) {
                end();
            } // else inside of the sink or the listener: when that poll returns
        } finally {
            turn.unlock();
        }
    }

    private void end() {
        if (closed) {
            return;
        }
        boolean interrupted = Thread.interrupted(); // or else Kafka would not even say goodbye
        try {
            membership.leave();
        } finally {
            closed = true;
            onClosed.accept(this);
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        var thrown = assignment.takeListenerFailure();
        if (thrown != null) {
            log.error("Group {}: the listener threw when partitions were given up", subscription.group(), thrown);
        }
    }
}
