package dev.syncline.broker.redis;

import dev.syncline.spi.AssignmentListener;
import dev.syncline.spi.BrokerConsumer;
import dev.syncline.spi.GroupView;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.Subscription;
import dev.syncline.spi.TopicPartition;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The loop of a consumer. Everything it knows belongs to the polling thread; replies of the server come as letters and
 * are worked off at the head of each turn; listeners are called at fixed places of {@link #poll} and {@link #close} only.
 *
 * <p>Requests never wait: a turn sends what is to be sent, works off what has come, delivers what is there. What is sent
 * when is known to the duties ({@link AcquireDuty}, {@link AcknowledgeDuty}, {@link ReadDuty}, {@link MeasureDuty}), what
 * is ours to {@link Ownership}, what a failure leads to to {@link Link}: it throws both connections away; on the next ones
 * each lease is taken up again under a new token, which shuts out what the old connection may still bring, and reading
 * goes on with what is pending.
 */
final class RedisConsumer implements BrokerConsumer, GroupView {

    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(3);
    private static final long TURN_NANOS = Duration.ofMillis(50).toNanos();

    private final Connector connector;
    private final RedisOptions options;
    private final Subscription subscription;
    private final Confinement confinement = new Confinement();
    private final Mailbox mailbox = new Mailbox();
    private final Problems problems = new Problems();
    private final Link link;
    private final LeaseKeeper keeper;
    private final Topics topics;
    private final Membership membership;
    private final MissingData missingData;
    private final Ownership ownership;
    private final Resumption resumption;
    private final AcquireDuty acquiring;
    private final AcknowledgeDuty acknowledging;
    private final ReadDuty reading;
    private final MeasureDuty measuring;
    private final Attendance attendance;
    private volatile boolean closed;

    RedisConsumer(Connector connector, Subscription subscription, AssignmentListener listener) {
        this.connector = connector;
        this.options = connector.options();
        this.subscription = subscription;
        var group = subscription.group();
        var identity = new AcquireDuty.Identity(
                UUID.randomUUID().toString(),
                subscription.member() + " (process " + ProcessHandle.current().pid() + ")");
        this.link = new Link(connector, mailbox, problems, this::disconnected);
        this.keeper = new LeaseKeeper(connector, mailbox, "consumer " + subscription.member());
        this.topics = new Topics(subscription, options, link, problems);
        this.membership = new Membership(group, identity.owner(), subscription.topics(), options.leaseTime());
        this.missingData = new MissingData(group, link);
        this.ownership = new Ownership(listener, keeper, missingData);
        this.resumption = new Resumption(group, options, link, missingData);
        this.acquiring = new AcquireDuty(
                subscription, options, identity, link, problems, topics, membership, ownership, missingData);
        this.acknowledging = new AcknowledgeDuty(link, ownership);
        this.reading = new ReadDuty(subscription.maxPoll(), link, ownership);
        this.measuring = new MeasureDuty(group, options, link, ownership);
        this.attendance = new Attendance(topics, membership, ownership);
    }

    @Override
    public void poll(Duration atMost, Consumer<Received> sink) {
        var before = enter();
        try {
            long now = System.nanoTime();
            long deadline = now + atMost.toNanos();
            keeper.polled(now);
            while (!turn(now, sink)) {
                now = System.nanoTime();
                long left = deadline - now;
                if (left <= 0) {
                    throwStanding();
                    return;
                }
                mailbox.await(Math.min(left, idleNanos(now)));
                now = System.nanoTime();
            }
        } finally {
            keeper.polled(System.nanoTime());
            confinement.leave(before);
        }
    }

    /** Whether something was delivered, or somebody wants poll to return. */
    private boolean turn(long now, Consumer<Received> sink) {
        requireOpen();
        mailbox.run();
        connect(now);
        ownership.dropLost(System.nanoTime());
        acquiring.giveUpSurplus();
        acquiring.assign();
        problems.throwNewest();
        missingData.throwNews(ownership.all());
        send(System.nanoTime());
        int delivered = reading.deliver(sink);
        reading.fetchAndAwait();
        return mailbox.takeWakeup() || delivered > 0;
    }

    private long idleNanos(long now) {
        return link.pair() == null ? TURN_NANOS : Math.max(membership.nextNanos() - now, 1);
    }

    private void connect(long now) {
        if (link.open(now)) {
            var session = link.commands();
            if (session != null) {
                keeper.use(session);
                resumption.resume(session, ownership.all());
            }
        }
    }

    private void disconnected() {
        keeper.use(null);
        reading.disconnected();
        membership.disconnected();
        acquiring.disconnected();
        topics.disconnected();
        ownership.disconnected();
    }

    private void send(long now) {
        var session = link.commands();
        if (session == null) {
            return;
        }
        topics.lookUp(session, now, acquiring::begin);
        if (membership.isDue(now)) {
            link.on(membership.sayAlive(session, now), "cannot join group " + subscription.group(), reply -> {
                membership.answered(reply, System.nanoTime());
                acquiring.begin();
            });
        }
        acknowledging.run();
        measuring.run(session, now);
    }

    /** What has been told and goes on. */
    private void throwStanding() {
        var failure = link.failure();
        if (failure != null) {
            throw failure;
        }
        missingData.throwStanding(ownership.all());
    }

    @Override
    public void acknowledge(Map<TopicPartition, Acknowledgement> positions) {
        var before = enter();
        try {
            want(positions);
            acknowledging.run();
        } finally {
            confinement.leave(before);
        }
    }

    @Override
    public boolean acknowledgeNow(Map<TopicPartition, Acknowledgement> positions, Duration atMost) {
        var before = enter();
        try {
            long deadline = System.nanoTime() + atMost.toNanos();
            var requests = want(positions);
            while (true) {
                mailbox.run();
                long now = System.nanoTime();
                connect(now);
                acknowledging.run();
                if (requests.entrySet().stream()
                        .allMatch(request -> request.getKey().acknowledging.isConfirmed(request.getValue()))) {
                    return true;
                }
                if (now - deadline >= 0
                        || requests.keySet().stream().anyMatch(one -> one.lease.isLost(now))
                        || Thread.currentThread().isInterrupted()) {
                    return false;
                }
                mailbox.await(Math.min(deadline - now, TURN_NANOS));
            }
        } finally {
            confinement.leave(before);
        }
    }

    private Map<OwnedPartition, Long> want(Map<TopicPartition, Acknowledgement> positions) {
        positions.keySet().forEach(this::owned);
        var requests = new HashMap<OwnedPartition, Long>();
        positions.forEach((partition, position) -> {
            var one = owned(partition);
            requests.put(one, one.acknowledging.want(position));
        });
        return requests;
    }

    @Override
    public void pause(Set<TopicPartition> partitions) {
        using(partitions, one -> one.reading.pause());
    }

    @Override
    public void resume(Set<TopicPartition> partitions) {
        using(partitions, one -> one.reading.resume());
    }

    @Override
    public void seekAfter(TopicPartition partition, Position position) {
        seek(partition, position, Reading.Place.AFTER);
    }

    @Override
    public void seekTo(TopicPartition partition, Instant time) {
        seek(partition, EntryId.before(time), Reading.Place.TIME);
    }

    @Override
    public void seekTo(TopicPartition partition, Subscription.Start start) {
        seek(partition, EntryId.ZERO, start == Subscription.Start.EARLIEST ? null : Reading.Place.NEWEST);
    }

    private void seek(TopicPartition partition, Position after, Reading.@Nullable Place place) {
        using(Set.of(partition), one -> {
            one.isGapTold = false;
            one.reading.seek(after, place);
            if (place == Reading.Place.TIME || place == Reading.Place.NEWEST) {
                awaitPlace(one);
            }
        });
    }

    /** Waits for the server, since what is newest must be so now, and not at the next poll. */
    private void awaitPlace(OwnedPartition one) {
        long deadline = System.nanoTime() + options.commandTimeout().toNanos();
        while (one.reading.isPlacing()
                && System.nanoTime() - deadline < 0
                && !Thread.currentThread().isInterrupted()) {
            mailbox.run();
            if (link.pair() == null || one.lease.isLost(System.nanoTime())) {
                return; // the first fetch on the next connection finds it
            }
            reading.fetchIfWanted(one);
            mailbox.await(TURN_NANOS);
        }
    }

    @Override
    public OptionalLong lag(TopicPartition partition) {
        var before = enter();
        try {
            return owned(partition).lag(System.nanoTime());
        } finally {
            confinement.leave(before);
        }
    }

    @Override
    public Optional<Set<TopicPartition>> unattended() {
        var before = enter();
        try {
            return attendance.unattended(System.nanoTime());
        } finally {
            confinement.leave(before);
        }
    }

    @Override
    public void wakeup() {
        mailbox.wakeup();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        var before = enter();
        try {
            mailbox.run();
            ownership.dropLost(System.nanoTime());
            acquiring.stop();
            ownership.giveUp(List.copyOf(ownership.all()));
            leave();
        } finally {
            closed = true;
            keeper.stop();
            link.close();
            confinement.leave(before);
        }
    }

    /** Sends what is still to be sent, and waits a moment for it. */
    private void leave() {
        long deadline = System.nanoTime() + CLOSE_PATIENCE.toNanos();
        var pair = link.pair();
        if (pair == null || connector.isClosed()) {
            return;
        }
        var goodbye = new boolean[1];
        link.on(membership.sayGoodbye(pair.commands()), "cannot leave", reply -> goodbye[0] = true);
        while (pair.equals(link.pair())
                && !(ownership.leaving().isEmpty() && goodbye[0])
                && System.nanoTime() - deadline < 0) {
            acknowledging.run();
            mailbox.await(TURN_NANOS);
            if (Thread.currentThread().isInterrupted()) {
                return;
            }
        }
    }

    private void using(Set<TopicPartition> partitions, Consumer<OwnedPartition> action) {
        var before = enter();
        try {
            partitions.forEach(this::owned);
            partitions.forEach(partition -> action.accept(owned(partition)));
        } finally {
            confinement.leave(before);
        }
    }

    private OwnedPartition owned(TopicPartition partition) {
        var one = ownership.get(partition);
        if (one == null) {
            throw new IllegalStateException(
                    partition + " is not assigned to this consumer of group \"" + subscription.group() + "\"");
        }
        return one;
    }

    private void requireOpen() {
        if (closed || connector.isClosed()) {
            throw new IllegalStateException(
                    "this consumer of group \"" + subscription.group() + "\", or its broker, is closed");
        }
    }

    /** Lets no second thread in, and nobody after the end. */
    private @Nullable Thread enter() {
        var before = confinement.enter();
        if (closed) {
            confinement.leave(before);
            requireOpen();
        }
        return before;
    }
}
