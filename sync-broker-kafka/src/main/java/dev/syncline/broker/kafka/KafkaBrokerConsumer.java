package dev.syncline.broker.kafka;

import dev.syncline.api.BrokerException;
import dev.syncline.broker.kafka.KafkaSettings.Protocol;
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
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads through one {@code KafkaConsumer}: {@link Assignment} knows which partitions, {@link Commits} how far they are
 * done. A client that Kafka shut out of its group is replaced by the next poll; its partitions are lost.
 *
 * <p>Threading: the caller's thread does everything, also what Kafka calls back inside of {@code poll}. A lock makes
 * {@link #close} from another thread wait for its turn.
 */
final class KafkaBrokerConsumer implements BrokerConsumer {

    private static final Logger log = LoggerFactory.getLogger(KafkaBrokerConsumer.class);

    /** The longest that a poll sleeps without looking around. */
    private static final Duration SLICE = Duration.ofSeconds(1);

    private static final Duration RETRY = Duration.ofMillis(50);
    private static final Duration SEEK = Duration.ofSeconds(10);
    private static final Duration LEAVE = Duration.ofSeconds(3);

    /** Each try to join has the members share out anew. */
    private static final Duration AFTER_FOREIGN_RULES = Duration.ofSeconds(10);

    private final Subscription subscription;
    private final KafkaFailures failures;
    private final Consumer<KafkaBrokerConsumer> onClosed;
    private final TopicWatch watch;
    private final Silence silence;
    private final @Nullable Pins pins;
    private final EndOffsets ends;
    private final Commits commits;
    private final Assignment assignment;
    private final ClientMaker maker;
    private final Wakeups wakeups = new Wakeups();

    private final ReentrantLock turn = new ReentrantLock();
    private volatile @Nullable ConsumerClient client;
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
        this.watch = watch;
        this.failures = failures;
        this.onClosed = onClosed;
        this.ends = ends;
        this.pins = settings.pinned().isEmpty() ? null : new Pins(settings.pinned());
        this.silence = new Silence(settings.number("fetch.max.wait.ms", 500));
        this.commits =
                new Commits(subscription.group(), Duration.ofMillis(settings.number("max.poll.interval.ms", 300_000)));
        this.assignment = new Assignment(subscription, listener, commits);
        this.maker = new ClientMaker(subscription, clients, pins, protocols, failures, wakeups, silence);
    }

    @Override
    public void poll(Duration atMost, Consumer<Received> sink) {
        turn.lock();
        try {
            ensureOpen();
            isPolling = true;
            try {
                fetch(System.nanoTime() + atMost.toNanos());
                int delivered = deliver(sink);
                var thrown = assignment.takeListenerFailure();
                if (thrown != null) {
                    throw thrown;
                }
                if (delivered == 0) {
                    complain();
                }
            } finally {
                isPolling = false;
                wakeups.done();
                if (closing) {
                    end();
                }
            }
        } finally {
            turn.unlock();
        }
    }

    /** Turns until there is something to deliver, the time is over, or somebody wants us back. */
    private void fetch(long deadlineNanos) {
        do {
            var open = client;
            if (open == null) {
                open = connect(deadlineNanos);
                if (open == null) {
                    return;
                }
            }
            turn(open, deadlineNanos);
        } while (!isDone(deadlineNanos));
    }

    private boolean isDone(long deadlineNanos) {
        return hasDeliverable() || assignment.hasListenerFailure() || isOver(deadlineNanos);
    }

    private boolean isOver(long deadlineNanos) {
        return closing || wakeups.isRequested() || deadlineNanos - System.nanoTime() <= 0;
    }

    private boolean hasDeliverable() {
        return assignment.owned().stream().anyMatch(OwnedPartition::hasDeliverable);
    }

    private void turn(ConsumerClient open, long deadlineNanos) {
        if (open.protocol() == Protocol.CLASSIC && commits.isShutOut(open)) {
            // The client may not know it yet, and would hand over what it fetched before. By KIP-848 it knows; replaced
            // before it could leave, it would keep its partitions from its successor until its session ends.
            endMembership(open);
            return;
        }
        try {
            if (assignment.hasUnannounced()) {
                announce(open);
            }
            commits.send(open);
            open.poll(waitAtMost(deadlineNanos), subscription.maxPoll(), this::take);
            if (pins != null && pins.isGivenOthers()) {
                leave(open, pins);
            }
        } catch (KafkaException failure) {
            failed(open, failure);
        }
    }

    /** What the members that subscribe gave us is not ours to read, and must not lie about here unread either. */
    private void leave(ConsumerClient open, Pins pins) {
        var refusal = pins.refusal(subscription.group());
        client = null;
        giveUp(open);
        commits.forgetClient();
        pins.forgetClient();
        maker.refused(AFTER_FOREIGN_RULES);
        throw Objects.requireNonNull(refusal);
    }

    private void announce(ConsumerClient open) {
        try {
            assignment.announce(open);
            assignment.owned().forEach(ours -> end(ours)); // asked for now, so that the lag is known soon
        } catch (KafkaException failure) {
            if (!failures.of(failure, "begin").isRetryable()) {
                throw failure;
            }
            log.debug("Group {}: position not known yet", subscription.group(), failure);
        }
    }

    private Duration waitAtMost(long deadlineNanos) {
        if (hasDeliverable()) {
            return Duration.ZERO;
        }
        var wait = shorter(SLICE, Duration.ofNanos(Math.max(0, deadlineNanos - System.nanoTime())));
        var pause = commits.pause();
        if (pause != null) {
            wait = shorter(wait, pause);
        }
        return assignment.hasUnannounced() ? shorter(wait, RETRY) : wait;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private void take(ConsumerRecords<byte[], byte[]> records) {
        for (var partition : records.partitions()) {
            var ours = assignment.find(partition);
            if (ours != null) {
                ours.fetched(records.records(partition));
            }
        }
        records.nextOffsets().forEach((partition, next) -> {
            var ours = assignment.find(partition);
            if (ours != null) {
                ours.position = next.offset();
            }
        });
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

    /** Says why nothing came, if that is known. */
    private void complain() {
        if (client == null) {
            return;
        }
        long now = System.nanoTime();
        boolean isFetching =
                assignment.hasUnannounced() || assignment.owned().stream().anyMatch(ours -> !ours.paused);
        var silent = silence.tooLong(now, isFetching);
        if (silent != null) {
            throw failures.away("no answer for " + silent.toSeconds() + " s", null);
        }
        var refusal = watch.look(!assignment.isEmpty(), now);
        if (refusal == null && pins != null && assignment.isEmpty()) {
            refusal = pins.refusal(subscription.group());
        }
        if (refusal != null) {
            throw refusal;
        }
    }

    private @Nullable ConsumerClient connect(long deadlineNanos) {
        var made = maker.make(() -> isOver(deadlineNanos));
        client = made;
        if (made == null) {
            return null;
        }
        made.subscribe(subscription.topics(), new Rebalances(made));
        return made;
    }

    /** Kafka calls inside of its poll, on our thread; or inside of its close, when nothing is ours any more. */
    private final class Rebalances implements ConsumerRebalanceListener {

        private final ConsumerClient of;

        Rebalances(ConsumerClient of) {
            this.of = of;
        }

        @Override
        public void onPartitionsAssigned(Collection<org.apache.kafka.common.TopicPartition> partitions) {
            if (pins != null && pins.isGivenOthers()) {
                of.pause(partitions); // we leave when this poll is over
            } else {
                assignment.assigned(of, partitions);
            }
        }

        @Override
        public void onPartitionsRevoked(Collection<org.apache.kafka.common.TopicPartition> partitions) {
            assignment.revoked(of, partitions);
        }

        /** Not as Kafka's own, which takes it for revoked. */
        @Override
        public void onPartitionsLost(Collection<org.apache.kafka.common.TopicPartition> partitions) {
            assignment.lost(partitions);
        }
    }

    private void failed(ConsumerClient open, KafkaException failure) {
        if (KafkaFailures.endsMembership(failure)) {
            maker.refused();
            endMembership(open);
            if (failure instanceof UnsupportedVersionException && maker.fallBack()) {
                return;
            }
        }
        throw failures.of(failure, "read " + subscription.topics() + " as group \"" + subscription.group() + "\"");
    }

    /** Its membership is over; the next one begins with another client. */
    private void endMembership(ConsumerClient open) {
        client = null;
        if (pins != null) {
            pins.forgetClient();
        }
        assignment.loseAll();
        commits.forgetClient();
        open.close(Duration.ZERO);
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
            var open = client;
            var end = end(ours);
            if (end.isEmpty() || open == null) {
                return OptionalLong.empty();
            }
            long fetched = ours.position + open.lagOfPosition(ours.kafka).orElse(0);
            return OptionalLong.of(Math.max(0, Math.max(end.getAsLong(), fetched) - ours.acknowledged));
        } finally {
            turn.unlock();
        }
    }

    private OptionalLong end(OwnedPartition ours) {
        try {
            return ends.of(ours.kafka, assignment.partitions(), System.nanoTime());
        } catch (BrokerException unasked) {
            log.debug("Group {}: cannot ask where partitions end", subscription.group(), unasked);
            return OptionalLong.empty();
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
                call.accept(Objects.requireNonNull(client)); // or else nothing would be ours
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
        var open = client;
        if (open == null) {
            wakeups.request();
        } else {
            open.wakeup();
        }
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

    private void giveUp(ConsumerClient open) {
        try {
            if (commits.isShutOut(open)) {
                assignment.loseAll(); // others may own them by now
            } else {
                assignment.revokeAll(open);
            }
        } finally {
            open.close(LEAVE);
        }
    }

    private void end() {
        if (closed) {
            return;
        }
        var open = client;
        boolean interrupted = Thread.interrupted(); // or else Kafka would not even say goodbye
        try {
            if (open != null) {
                giveUp(open);
            }
        } finally {
            closed = true;
            client = null;
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
