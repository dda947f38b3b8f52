package dev.syncline.broker.redis;

import dev.syncline.api.BrokerException;
import dev.syncline.spi.AssignmentListener;
import dev.syncline.spi.AssignmentListener.Assigned;
import dev.syncline.spi.BrokerConsumer;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.Subscription;
import dev.syncline.spi.TopicPartition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The loop of a consumer. Everything it knows belongs to the polling thread; replies of the server come as letters and
 * are worked off at the head of each turn; listeners are called at fixed places of {@link #poll} and {@link #close} only.
 *
 * <p>Requests never wait: a turn sends what is to be sent, works off what has come, delivers what is there. Whatever goes
 * wrong with a connection, or is refused on it, throws both connections away; on the next ones each lease is taken up
 * again under a new token, which shuts out what the old connection may still bring, and reading goes on with what is
 * pending.
 */
final class RedisConsumer implements BrokerConsumer {

    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(3);
    private static final long TURN_NANOS = Duration.ofMillis(50).toNanos();
    private static final long MEASURE_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long LOOKUP_NANOS = Duration.ofMillis(200).toNanos();
    private static final Comparator<TopicPartition> ORDER =
            Comparator.comparing(TopicPartition::topic).thenComparingInt(TopicPartition::partition);

    /** What was there once. */
    private record Seen(String incarnation, Position highest) {}

    private final Connector connector;
    private final RedisOptions options;
    private final Subscription subscription;
    private final AssignmentListener listener;
    private final String member;
    private final String owner = UUID.randomUUID().toString();
    private final Mailbox mailbox = new Mailbox();
    private final Uplink uplink;
    private final LeaseKeeper keeper;
    private final Membership membership;
    private final Retention retention;
    private final Arrivals arrivals = new Arrivals();
    private final Map<String, Topic> topics = new TreeMap<>();
    private final Map<String, Acquisition> acquisitions = new HashMap<>();
    private final Map<TopicPartition, OwnedPartition> owned = new TreeMap<>(ORDER);
    private final List<OwnedPartition> leaving = new ArrayList<>();
    private final Map<TopicPartition, Seen> seen = new HashMap<>();
    private final AtomicReference<@Nullable Thread> user = new AtomicReference<>();
    private @Nullable BrokerException problem;
    private int connection;
    private int turn;
    private boolean isLookingUp;
    private long nextLookupNanos = System.nanoTime();
    private long nextMeasureNanos = System.nanoTime();
    private volatile boolean closed;

    RedisConsumer(Connector connector, Subscription subscription, AssignmentListener listener) {
        this.connector = connector;
        this.options = connector.options();
        this.subscription = subscription;
        this.listener = listener;
        this.member =
                subscription.member() + " (process " + ProcessHandle.current().pid() + ")";
        this.uplink = new Uplink(connector, mailbox);
        this.keeper = new LeaseKeeper(connector, mailbox, "consumer " + subscription.member());
        this.membership = new Membership(subscription.group(), owner, subscription.topics(), options.leaseTime());
        this.retention = new Retention(options);
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
            user.set(before);
        }
    }

    /** Whether something was delivered, or somebody wants poll to return. */
    private boolean turn(long now, Consumer<Received> sink) {
        requireOpen();
        mailbox.run();
        connect(now);
        dropLost(System.nanoTime());
        giveUpSurplus();
        takeAcquired();
        throwNews();
        send(System.nanoTime());
        int delivered = deliver(sink);
        fetchAndAwait();
        return mailbox.takeWakeup() || delivered > 0;
    }

    private long idleNanos(long now) {
        return uplink.pair() == null ? TURN_NANOS : Math.max(membership.nextNanos() - now, 1);
    }

    // Connection

    private void connect(long now) {
        var pair = uplink.pair();
        if (pair != null && !(pair.commands().isOpen() && pair.waiting().isOpen())) {
            disconnect(BrokerException.retryable("the connection to " + options.address() + " was lost", null));
        }
        if (uplink.open(now)) {
            connected(uplink.pair());
        }
    }

    private void connected(Uplink.@Nullable Pair pair) {
        if (pair == null) {
            return;
        }
        keeper.use(pair.commands());
        for (var one : owned.values()) {
            long asked = System.nanoTime();
            var token = one.lease.token();
            var request = pair.commands()
                    .run(
                            Script.RESUME,
                            one.lease.keys(),
                            one.lease.arguments(
                                    String.valueOf(options.leaseTime().toMillis()), subscription.group()));
            on(request, "cannot take up " + one.partition, reply -> {
                if (reply.isOk()) {
                    one.lease.resume(reply.text(1), asked);
                    resumed(one, reply);
                } else {
                    one.lease.refuse(token);
                }
            });
        }
    }

    private void resumed(OwnedPartition one, Reply reply) {
        if (reply.text(2).isEmpty()) {
            return; // no stream or no group: the next fetch finds out
        }
        var newest = EntryId.parse(reply.text(3));
        if (newest.compareTo(one.highest()) < 0) {
            miss(one, wentBack(newest, one.highest()));
        }
        one.reading.resumed(EntryId.parse(reply.text(2)));
    }

    private void disconnect(BrokerException why) {
        connection++;
        problem = why;
        keeper.use(null);
        uplink.discard(why);
        arrivals.ended();
        membership.disconnected();
        acquisitions.clear();
        leaving.clear();
        isLookingUp = false;
        owned.values().forEach(OwnedPartition::disconnected);
    }

    /** Lets the polling thread have the answer, unless it belongs to a connection that is gone by then. */
    private <T> void on(CompletionStage<T> request, String what, Consumer<T> then) {
        int sentOn = connection;
        request.whenComplete((answer, failure) -> mailbox.post(() -> {
            if (sentOn != connection) {
                return;
            }
            if (failure == null) {
                then.accept(answer);
            } else {
                disconnect(Failures.translate(what + " at " + options.address(), failure));
            }
        }));
    }

    // Assignment

    private void dropLost(long now) {
        var lost = new HashSet<TopicPartition>();
        for (var one : List.copyOf(owned.values())) {
            if (one.lease.isLost(now)) {
                remove(one);
                lost.add(one.partition);
            }
        }
        if (!lost.isEmpty()) {
            listener.onLost(lost);
        }
    }

    private void giveUpSurplus() {
        if (uplink.pair() == null) {
            return;
        }
        var surplus = new ArrayList<OwnedPartition>();
        for (var topic : topics.values()) {
            int quota = membership.quota(topic);
            var ofTopic = ownedOf(topic.name());
            if (quota >= 0 && ofTopic.size() > quota) {
                surplus.addAll(ofTopic.subList(quota, ofTopic.size()));
            }
        }
        giveUp(surplus);
    }

    private void giveUp(List<OwnedPartition> partitions) {
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

    private void remove(OwnedPartition one) {
        owned.remove(one.partition);
        keeper.remove(one.lease);
        seen.put(one.partition, new Seen(one.incarnation, one.highest()));
    }

    private List<OwnedPartition> ownedOf(String topic) {
        return owned.values().stream()
                .filter(one -> one.partition.topic().equals(topic))
                .toList();
    }

    /** Takes partitions that are free, as far as the share allows. */
    private void acquire(Session session) {
        for (var topic : topics.values()) {
            int missing = membership.quota(topic) - ownedOf(topic.name()).size();
            if (missing > 0 && !acquisitions.containsKey(topic.name())) {
                var candidates = membership.order(topic).stream()
                        .map(partition -> new TopicPartition(topic.name(), partition))
                        .filter(partition -> !owned.containsKey(partition))
                        .filter(partition -> leaving.stream().noneMatch(one -> one.partition.equals(partition)))
                        .toList();
                var round = new Acquisition(candidates, missing);
                acquisitions.put(topic.name(), round);
                acquire(session, round);
            }
        }
    }

    private void acquire(Session session, Acquisition round) {
        for (var next = round.next(); next != null; next = round.next()) {
            var partition = next;
            long asked = System.nanoTime();
            var keys = Keys.ofGroup(partition, subscription.group());
            var arguments = Keys.list(
                    owner,
                    String.valueOf(options.leaseTime().toMillis()),
                    subscription.group(),
                    Keys.CONSUMER,
                    subscription.start() == Subscription.Start.EARLIEST ? "0-0" : "$",
                    member);
            on(session.run(Script.ACQUIRE, keys, arguments), "cannot take " + partition, reply -> {
                if (reply.isOk()) {
                    var acquired = Acquired.of(reply);
                    var lease = new Lease(
                            keys,
                            Keys.bytes(owner),
                            acquired.token(),
                            options.leaseTime().toNanos(),
                            asked);
                    var one = new OwnedPartition(partition, subscription.group(), lease, acquired);
                    round.taken(one);
                    compareWithSeen(one, acquired);
                } else {
                    round.notTaken();
                    refused(partition, reply);
                }
                acquire(session, round);
            });
        }
    }

    private void refused(TopicPartition partition, Reply reply) {
        switch (reply.status()) {
            case "HELD" -> {}
            case "MISSING" -> {
                topics.remove(partition.topic());
                problem = Topic.missing(partition.topic());
            }
            case "FOREIGN" ->
                problem = BrokerException.refused(
                        "group \"" + subscription.group() + "\" of " + Keys.stream(partition)
                                + " has pending entries of consumer \"" + reply.text(1)
                                + "\", which is not ours: acknowledge or claim them, or use another group",
                        null);
            default -> throw new AssertionError(reply.status());
        }
    }

    private void compareWithSeen(OwnedPartition one, Acquired acquired) {
        var before = seen.get(one.partition);
        if (before == null || acquired.gap() != null) {
            return;
        }
        if (!before.incarnation().equals(acquired.incarnation())) {
            miss(one, "the topic was deleted and made anew");
        } else if (acquired.newest().compareTo(before.highest()) < 0) {
            miss(one, wentBack(acquired.newest(), before.highest()));
        }
    }

    private static String wentBack(Position newest, Position highest) {
        return "the newest entry is " + newest + ", older than " + highest + ", which was there before";
    }

    /** Data is missing, which only this consumer knows: keeps it for others, too. */
    private void miss(OwnedPartition one, String what) {
        one.reading.miss(what);
        var pair = uplink.pair();
        if (pair != null) {
            on(
                    pair.commands().run(Script.MARK, one.lease.keys(), one.lease.arguments(what)),
                    "cannot mark " + one.partition,
                    reply -> {});
        }
    }

    private void takeAcquired() {
        var assigned = new ArrayList<Assigned>();
        for (var round : List.copyOf(acquisitions.entrySet())) {
            if (round.getValue().isOver()) {
                acquisitions.remove(round.getKey());
                for (var one : round.getValue().taken()) {
                    owned.put(one.partition, one);
                    keeper.add(one.lease);
                    assigned.add(one.assigned());
                }
            }
        }
        if (!assigned.isEmpty()) {
            listener.onAssigned(assigned);
        }
    }

    // What is wrong

    /** What came up since the last poll. */
    private void throwNews() {
        if (problem != null) {
            var news = problem;
            problem = null;
            throw news;
        }
        for (var one : owned.values()) {
            if (one.reading.gap() != null && !one.isGapTold) {
                one.isGapTold = true;
                throw missing(one);
            }
        }
    }

    /** What has been told and goes on. */
    private void throwStanding() {
        var failure = uplink.failure();
        if (failure != null) {
            throw failure;
        }
        for (var one : owned.values()) {
            if (one.reading.gap() != null) {
                throw missing(one);
            }
        }
    }

    private BrokerException missing(OwnedPartition one) {
        return BrokerException.refused(
                "group \"" + subscription.group() + "\" cannot go on in " + Keys.stream(one.partition)
                        + ", where data is missing: " + one.reading.gap()
                        + ". Nothing was skipped; ship again what is missing, and seek where to go on",
                null);
    }

    // Requests

    private void send(long now) {
        var pair = uplink.pair();
        if (pair == null) {
            return;
        }
        lookUpTopics(pair.commands(), now);
        if (membership.isDue(now)) {
            on(membership.sayAlive(pair.commands(), now), "cannot join group " + subscription.group(), reply -> {
                membership.answered(reply);
                acquire(pair.commands());
            });
        }
        acknowledgeWanted(pair.commands());
        if (now - nextMeasureNanos >= 0) {
            nextMeasureNanos = now + MEASURE_NANOS;
            owned.values().forEach(one -> measure(pair.commands(), one));
        }
    }

    private void lookUpTopics(Session session, long now) {
        if (isLookingUp || topics.size() == subscription.topics().size() || now - nextLookupNanos < 0) {
            return;
        }
        isLookingUp = true;
        nextLookupNanos = now + LOOKUP_NANOS;
        var names = subscription.topics().stream()
                .filter(topic -> !topics.containsKey(topic))
                .sorted()
                .toList();
        var lookups = names.stream()
                .map(name -> Topic.find(session, name, options).thenApply(List::of))
                .reduce((one, other) -> one.thenCombine(other, RedisConsumer::joined))
                .orElseThrow();
        int sentOn = connection;
        lookups.whenComplete((found, failure) -> mailbox.post(() -> {
            if (sentOn != connection) {
                return;
            }
            isLookingUp = false;
            if (failure == null) {
                found.forEach(topic -> topics.put(topic.name(), topic));
                acquire(session);
                return;
            }
            var reason = Failures.translate("cannot look up topics " + names, failure);
            if (reason.isRetryable()) {
                disconnect(reason);
            } else {
                problem = reason;
            }
        }));
    }

    private static List<Topic> joined(List<Topic> some, List<Topic> others) {
        var all = new ArrayList<>(some);
        all.addAll(others);
        return all;
    }

    private void measure(Session session, OwnedPartition one) {
        if (one.lease.isSuspended()) {
            return;
        }
        on(
                session.run(Script.MEASURE, one.lease.keys(), Keys.list(subscription.group(), "1000", "1048576")),
                "cannot measure " + one.partition,
                reply -> measured(one, reply));
        retention.appended(session, one.partition, 0);
    }

    private static void measured(OwnedPartition one, Reply reply) {
        if (reply.isOk()) {
            one.lag = OptionalLong.of(reply.number(1));
        } else {
            // no stream or no group: nothing would wake the reader, which finds out what that means
            one.lag = OptionalLong.empty();
            one.reading.arrived();
        }
    }

    private void acknowledgeWanted(Session session) {
        owned.values().forEach(one -> acknowledgeWanted(session, one));
        for (var one : List.copyOf(leaving)) {
            acknowledgeWanted(session, one);
            if (!one.isReleasing && !one.acknowledging.isBusy()) {
                one.isReleasing = true;
                on(
                        session.run(Script.RELEASE, one.lease.keys(), one.lease.arguments()),
                        "cannot let go of " + one.partition,
                        reply -> leaving.remove(one));
            }
        }
    }

    private void acknowledgeWanted(Session session, OwnedPartition one) {
        var token = one.lease.token();
        var request = one.acknowledging.ask(session, one.reading.hasSought());
        if (request != null) {
            on(request, "cannot acknowledge " + one.partition, reply -> {
                if (reply.isOk()) {
                    one.acknowledging.answered();
                    if (!reply.text(1).isEmpty()) {
                        one.reading.groupMoved(EntryId.parse(reply.text(1)));
                    }
                } else {
                    one.lease.refuse(token);
                    leaving.remove(one);
                }
            });
        }
    }

    private void fetchAndAwait() {
        var pair = uplink.pair();
        if (pair == null) {
            return;
        }
        var afterIds = new HashMap<String, String>();
        for (var one : owned.values()) {
            if (one.reading.wantsFetch()) {
                fetch(pair.commands(), one);
            } else if (one.reading.awaitsNews()) {
                afterIds.put(Keys.stream(one.partition), one.reading.newsAfter().toString());
            }
        }
        await(pair, afterIds);
    }

    private void await(Uplink.Pair pair, Map<String, String> afterIds) {
        if (arrivals.begins(afterIds.keySet())) {
            on(pair.waiting().awaitEntries(afterIds, Connector.LONGEST_WAIT), "cannot wait for entries", streams -> {
                arrivals.ended();
                for (var one : owned.values()) {
                    if (streams.contains(Keys.stream(one.partition))) {
                        one.reading.arrived();
                    }
                }
            });
        } else if (arrivals.endsFor(afterIds.keySet()) && pair.waitingId() >= 0) {
            on(pair.commands().unblock(pair.waitingId()), "cannot end a wait", wasWaiting -> {
                if (!wasWaiting) {
                    arrivals.wasNotThere();
                }
            });
        }
    }

    private void fetch(Session session, OwnedPartition one) {
        var token = one.lease.token();
        on(one.reading.fetch(session, subscription.maxPoll()), "cannot read " + one.partition, reply -> {
            if (reply.isLost()) {
                one.lease.refuse(token);
            } else {
                one.reading.fetched(reply);
            }
        });
    }

    private int deliver(Consumer<Received> sink) {
        var partitions = List.copyOf(owned.values());
        int count = 0;
        turn++;
        for (int i = 0; i < partitions.size(); i++) {
            var reading = partitions.get(Math.floorMod(turn + i, partitions.size())).reading;
            while (count < subscription.maxPoll()) {
                var message = reading.next();
                if (message == null) {
                    break;
                }
                count++;
                sink.accept(message);
            }
        }
        return count;
    }

    // Calls of the owner

    @Override
    public void acknowledge(Map<TopicPartition, Acknowledgement> positions) {
        var before = enter();
        try {
            want(positions);
            sendWanted();
        } finally {
            user.set(before);
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
                sendWanted();
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
            user.set(before);
        }
    }

    private Map<OwnedPartition, Long> want(Map<TopicPartition, Acknowledgement> positions) {
        requireAssigned(positions.keySet());
        var requests = new HashMap<OwnedPartition, Long>();
        positions.forEach((partition, position) -> {
            var one = owned(partition);
            requests.put(one, one.acknowledging.want(position));
        });
        return requests;
    }

    private void sendWanted() {
        var pair = uplink.pair();
        if (pair != null) {
            acknowledgeWanted(pair.commands());
        }
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
            var pair = uplink.pair();
            if (pair == null || one.lease.isLost(System.nanoTime())) {
                return; // the first fetch on the next connection finds it
            }
            if (one.reading.wantsFetch()) {
                fetch(pair.commands(), one);
            }
            mailbox.await(TURN_NANOS);
        }
    }

    @Override
    public OptionalLong lag(TopicPartition partition) {
        var before = enter();
        try {
            requireAssigned(Set.of(partition));
            return owned(partition).lag;
        } finally {
            user.set(before);
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
            dropLost(System.nanoTime());
            takeAcquiredBack();
            giveUp(List.copyOf(owned.values()));
            leave();
        } finally {
            closed = true;
            keeper.stop();
            uplink.close();
            user.set(before);
        }
    }

    /** What was taken, and nobody was told of. */
    private void takeAcquiredBack() {
        acquisitions.values().forEach(round -> leaving.addAll(round.taken()));
        acquisitions.clear();
    }

    /** Sends what is still to be sent, and waits a moment for it. */
    private void leave() {
        long deadline = System.nanoTime() + CLOSE_PATIENCE.toNanos();
        var pair = uplink.pair();
        if (pair == null || connector.isClosed()) {
            return;
        }
        var goodbye = new boolean[1];
        on(membership.sayGoodbye(pair.commands()), "cannot leave", reply -> goodbye[0] = true);
        while (pair.equals(uplink.pair()) && !(leaving.isEmpty() && goodbye[0]) && System.nanoTime() - deadline < 0) {
            acknowledgeWanted(pair.commands());
            mailbox.await(TURN_NANOS);
            if (Thread.currentThread().isInterrupted()) {
                return;
            }
        }
    }

    private void using(Set<TopicPartition> partitions, Consumer<OwnedPartition> action) {
        var before = enter();
        try {
            requireAssigned(partitions);
            partitions.forEach(partition -> action.accept(owned(partition)));
        } finally {
            user.set(before);
        }
    }

    private OwnedPartition owned(TopicPartition partition) {
        var one = owned.get(partition);
        if (one == null) {
            throw new IllegalStateException(
                    partition + " is not assigned to this consumer of group \"" + subscription.group() + "\"");
        }
        return one;
    }

    private void requireAssigned(Collection<TopicPartition> partitions) {
        partitions.forEach(this::owned);
    }

    private void requireOpen() {
        if (closed || connector.isClosed()) {
            throw new IllegalStateException(
                    "this consumer of group \"" + subscription.group() + "\", or its broker, is closed");
        }
    }

    /** Refuses a second thread; listeners may call back in on the same one. */
    private @Nullable Thread enter() {
        var self = Thread.currentThread();
        var other = user.get();
        if (other == null ? !user.compareAndSet(null, self) : !other.equals(self)) {
            throw new IllegalStateException(
                    "a consumer is used by one thread at a time: wake it up, and let the " + "polling thread close it");
        }
        if (closed) {
            user.set(other);
            requireOpen();
        }
        return other;
    }
}
