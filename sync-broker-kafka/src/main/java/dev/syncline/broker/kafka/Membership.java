package dev.syncline.broker.kafka;

import dev.syncline.api.BrokerException;
import dev.syncline.broker.kafka.KafkaSettings.Protocol;
import dev.syncline.spi.AssignmentListener;
import dev.syncline.spi.Subscription;
import java.time.Duration;
import java.util.Collection;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A consumer's place in its group, through one client after the other: a client that Kafka shut out is given up, its
 * partitions are lost, and the next {@link #fetch} joins anew with another.
 *
 * <p>Threading: whoever has the turn of its consumer; {@link #wakeup} any thread.
 */
final class Membership {

    private static final Logger log = LoggerFactory.getLogger(Membership.class);

    /** The longest that a poll sleeps without looking around. */
    private static final Duration SLICE = Duration.ofSeconds(1);

    private static final Duration RETRY = Duration.ofMillis(50);
    private static final Duration LEAVE = Duration.ofSeconds(3);

    /** Each try to join has the members share out anew. */
    private static final Duration AFTER_FOREIGN_RULES = Duration.ofSeconds(10);

    private final Subscription subscription;
    private final KafkaFailures failures;
    private final BooleanSupplier isClosing;
    private final TopicWatch watch;
    private final Silence silence;
    private final @Nullable Pins pins;
    private final EndOffsets ends;
    private final Commits commits;
    private final Assignment assignment;
    private final ClientMaker maker;
    private final Wakeups wakeups = new Wakeups();
    private volatile @Nullable ConsumerClient client;

    /** Not a member yet. */
    Membership(
            Subscription subscription,
            AssignmentListener listener,
            KafkaSettings settings,
            KafkaClients clients,
            ProtocolChoice protocols,
            TopicWatch watch,
            EndOffsets ends,
            KafkaFailures failures,
            BooleanSupplier isClosing) {
        this.subscription = subscription;
        this.watch = watch;
        this.failures = failures;
        this.isClosing = isClosing;
        this.ends = ends;
        this.pins = settings.pinned().isEmpty() ? null : new Pins(settings.pinned());
        this.silence = new Silence(settings.number("fetch.max.wait.ms", 500));
        this.commits =
                new Commits(subscription.group(), Duration.ofMillis(settings.number("max.poll.interval.ms", 300_000)));
        this.assignment = new Assignment(subscription, listener, commits);
        this.maker = new ClientMaker(subscription, clients, pins, protocols, failures, wakeups, silence);
    }

    /** What is ours. */
    Assignment assignment() {
        return assignment;
    }

    /** How far it is done. */
    Commits commits() {
        return commits;
    }

    /** The client that is a member now, or about to be; null if there is none. */
    @Nullable
    ConsumerClient client() {
        return client;
    }

    /** Turns until there is something to deliver, the time is over, or somebody wants us back. */
    void fetch(long deadlineNanos) {
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
        return isClosing.getAsBoolean() || wakeups.isRequested() || deadlineNanos - System.nanoTime() <= 0;
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
                refuseOthers(open, pins);
            }
        } catch (KafkaException failure) {
            failed(open, failure);
        }
    }

    /** What the members that subscribe gave us is not ours to read, and must not lie about here unread either. */
    private void refuseOthers(ConsumerClient open, Pins pins) {
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

    /** Says why nothing came, if that is known. */
    void complain() {
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

    /** Where a partition ends, as far as that is known. */
    OptionalLong end(OwnedPartition ours) {
        try {
            return ends.of(ours.kafka, assignment.partitions(), System.nanoTime());
        } catch (BrokerException unasked) {
            log.debug("Group {}: cannot ask where partitions end", subscription.group(), unasked);
            return OptionalLong.empty();
        }
    }

    /** Has {@link #fetch} return soon. */
    void wakeup() {
        var open = client;
        if (open == null) {
            wakeups.request();
        } else {
            open.wakeup();
        }
    }

    /** A poll has ended, and a {@link #wakeup} with it. */
    void polled() {
        wakeups.done();
    }

    /** Leaves the group. The listener is told before; what it throws is kept by the assignment. */
    void leave() {
        var open = client;
        try {
            if (open != null) {
                giveUp(open); // the listener acknowledges through it
            }
        } finally {
            client = null;
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
}
