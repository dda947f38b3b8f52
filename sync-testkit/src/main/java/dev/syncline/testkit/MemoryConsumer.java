package dev.syncline.testkit;

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
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * One member of a group. What it believes to own lies in {@link #reading}, used by the polling thread only; what it
 * really owns is the group's to say, under the server's lock.
 */
final class MemoryConsumer implements BrokerConsumer {

    /** Where the consumer stands in a partition. */
    private static final class Reading {
        /** Set by a seek, until the server can say which offset that is. */
        @Nullable
        ToLongFunction<MemoryLog> sought;

        long next;
        boolean paused;

        Reading(long next) {
            this.next = next;
        }

        void resolve(MemoryLog log) {
            if (sought != null) {
                next = sought.applyAsLong(log);
                sought = null;
            }
        }
    }

    /** What the next turn of a poll does, found out under the lock and done outside of it. */
    private record Turn(
            Set<TopicPartition> lost, Set<TopicPartition> revoked, List<Assigned> assigned, List<Received> messages) {

        static final Turn NOTHING = new Turn(Set.of(), Set.of(), List.of(), List.of());

        boolean isNothing() {
            return lost.isEmpty() && revoked.isEmpty() && assigned.isEmpty() && messages.isEmpty();
        }

        static Turn lost(Set<TopicPartition> lost) {
            return new Turn(lost, Set.of(), List.of(), List.of());
        }

        static Turn revoked(Set<TopicPartition> revoked) {
            return new Turn(Set.of(), revoked, List.of(), List.of());
        }

        static Turn assigned(List<Assigned> assigned) {
            return new Turn(Set.of(), Set.of(), assigned, List.of());
        }

        static Turn messages(List<Received> messages) {
            return new Turn(Set.of(), Set.of(), List.of(), messages);
        }
    }

    private final MemoryServer server;
    private final Subscription subscription;
    private final AssignmentListener listener;
    private final AtomicReference<@Nullable Thread> user = new AtomicReference<>();
    private final Map<TopicPartition, Reading> reading = new LinkedHashMap<>();
    private final Map<TopicPartition, Acknowledgement> unsent = new HashMap<>();
    private @Nullable MemoryMember member;
    private boolean woken;
    private volatile boolean closed;
    private int turn;

    MemoryConsumer(MemoryServer server, Subscription subscription, AssignmentListener listener) {
        this.server = server;
        this.subscription = subscription;
        this.listener = listener;
    }

    @Override
    public void poll(Duration atMost, Consumer<Received> sink) {
        var before = enter();
        try {
            long deadline = server.time.nanoTime() + atMost.toNanos();
            while (true) {
                var next = await(deadline);
                if (next.isNothing()) {
                    return;
                }
                tellAssignment(next);
                if (!next.messages().isEmpty()) {
                    deliver(next.messages(), sink);
                    return;
                }
            }
        } finally {
            user.set(before);
        }
    }

    private void deliver(List<Received> messages, Consumer<Received> sink) {
        for (var message : messages) {
            var partition = reading.get(message.partition());
            if (partition == null || partition.sought != null || partition.paused) {
                continue; // the sink closed, sought or paused
            }
            partition.next = message.position().major() + 1;
            sink.accept(message);
        }
    }

    private void tellAssignment(Turn next) {
        if (!next.lost().isEmpty()) {
            listener.onLost(next.lost());
        }
        if (!next.revoked().isEmpty()) {
            try {
                listener.onRevoked(next.revoked());
            } finally {
                giveUp(next.revoked());
            }
        }
        if (!next.assigned().isEmpty()) {
            listener.onAssigned(next.assigned());
        }
    }

    private void giveUp(Set<TopicPartition> partitions) {
        server.lock.lock();
        try {
            sendAcknowledgements();
            reading.keySet().removeAll(partitions);
            if (member != null) {
                server.group(subscription.group()).giveUp(member, partitions);
                server.signalChange();
            }
        } finally {
            server.lock.unlock();
        }
    }

    /** Waits until there is something to do, at most until the deadline. */
    private Turn await(long deadline) {
        server.lock.lock();
        try {
            while (true) {
                requireOpen();
                if (woken) {
                    woken = false;
                    return Turn.NOTHING;
                }
                var next = server.state == MemoryServer.State.UP ? turn() : Turn.NOTHING;
                long left = deadline - server.time.nanoTime();
                if (!next.isNothing()) {
                    return next;
                }
                if (left <= 0) {
                    if (server.state == MemoryServer.State.DOWN) {
                        throw MemoryServer.away();
                    }
                    return Turn.NOTHING;
                }
                server.time.await(server.changed, Math.min(left, nanosToNextExpiry()));
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return Turn.NOTHING;
        } finally {
            server.lock.unlock();
        }
    }

    private long nanosToNextExpiry() {
        return server.state == MemoryServer.State.UP
                ? server.nanosToNextExpiry(server.group(subscription.group()))
                : Long.MAX_VALUE;
    }

    private Turn turn() {
        subscription.topics().forEach(this::requireReadable);
        var group = server.group(subscription.group());
        server.expelSilent(group);
        var self = member;
        if (self == null || !group.has(self)) {
            self = new MemoryMember(subscription.topics(), server.time.nanoTime());
            member = self;
            group.join(self, server.partitions());
            server.signalChange();
            unsent.clear();
            if (!reading.isEmpty()) {
                var lost = Set.copyOf(reading.keySet());
                reading.clear();
                return Turn.lost(lost);
            }
        }
        self.polled(server.time.nanoTime());
        sendAcknowledgements();
        var surplus = group.toGiveUp(self);
        if (!surplus.isEmpty()) {
            return Turn.revoked(surplus);
        }
        var taken = group.take(self);
        if (!taken.isEmpty()) {
            return Turn.assigned(begin(group, taken));
        }
        return fetch();
    }

    private void requireReadable(String topic) {
        if (server.denied.contains(topic)) {
            throw MemoryServer.deniedTopic(topic);
        }
        if (!server.hasTopic(topic)) {
            throw MemoryServer.missing(topic);
        }
    }

    private List<Assigned> begin(MemoryGroup group, List<TopicPartition> partitions) {
        var assigned = new ArrayList<Assigned>();
        for (var partition : partitions) {
            var log = server.log(partition);
            var start = subscription.start() == Subscription.Start.EARLIEST ? log.oldest() : log.end();
            reading.put(partition, new Reading(group.next(partition, start)));
            var position = group.acknowledged(partition);
            assigned.add(new Assigned(
                    partition,
                    position == null ? null : position.position(),
                    position == null ? "" : position.metadata()));
        }
        return assigned;
    }

    private Turn fetch() {
        if (server.holdsDeliveries) {
            return Turn.NOTHING;
        }
        var messages = new ArrayList<Received>();
        var partitions = new ArrayList<>(reading.keySet());
        for (int i = 0; i < partitions.size(); i++) {
            // another one first each time, so that a full partition does not starve the others
            var partition = partitions.get((turn + i) % partitions.size());
            take(partition, reading.getOrDefault(partition, new Reading(0)), messages);
        }
        turn++;
        return messages.isEmpty() ? Turn.NOTHING : Turn.messages(messages);
    }

    private void take(TopicPartition partition, Reading from, List<Received> into) {
        if (from.paused) {
            return;
        }
        var log = server.log(partition);
        from.resolve(log);
        if (from.next < log.oldest() || from.next > log.end()) {
            throw BrokerException.refused(
                    "position " + from.next + " of " + partition + " is not there: the broker has " + log.oldest()
                            + " to " + log.end() + "; seek to where group \"" + subscription.group()
                            + "\" is to go on",
                    null);
        }
        for (long offset = from.next; offset < log.end() && into.size() < subscription.maxPoll(); offset++) {
            var message = log.read(partition, offset);
            if (message != null) {
                into.add(message);
            }
        }
    }

    @Override
    public void acknowledge(Map<TopicPartition, Acknowledgement> positions) {
        using(() -> {
            requireAssigned(positions.keySet());
            positions.forEach((partition, position) -> unsent.merge(partition, position, MemoryConsumer::further));
            sendAcknowledgements();
        });
    }

    @Override
    public boolean acknowledgeNow(Map<TopicPartition, Acknowledgement> positions, Duration atMost) {
        var before = enter();
        server.lock.lock();
        try {
            requireOpen();
            requireAssigned(positions.keySet());
            positions.forEach((partition, position) -> unsent.merge(partition, position, MemoryConsumer::further));
            return server.awaitUp(server.time.nanoTime() + atMost.toNanos()) && sendAcknowledgements();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            server.lock.unlock();
            user.set(before);
        }
    }

    private static Acknowledgement further(Acknowledgement old, Acknowledgement next) {
        return next.position().compareTo(old.position()) < 0 ? old : next;
    }

    /** Hands over what was acknowledged, if the server can be reached. Whether all of it was taken. */
    private boolean sendAcknowledgements() {
        if (server.state != MemoryServer.State.UP) {
            return false;
        }
        var group = server.group(subscription.group());
        server.expelSilent(group);
        boolean all = true;
        for (var entry : unsent.entrySet()) {
            if (member != null && group.owns(member, entry.getKey())) {
                group.acknowledge(entry.getKey(), entry.getValue());
            } else {
                all = false;
            }
        }
        unsent.clear();
        return all;
    }

    @Override
    public void pause(Set<TopicPartition> partitions) {
        using(() -> assigned(partitions).forEach(partition -> partition.paused = true));
    }

    @Override
    public void resume(Set<TopicPartition> partitions) {
        using(() -> assigned(partitions).forEach(partition -> partition.paused = false));
    }

    @Override
    public void seekAfter(TopicPartition partition, Position position) {
        seek(partition, log -> position.major() + 1);
    }

    @Override
    public void seekTo(TopicPartition partition, Instant time) {
        seek(partition, log -> log.firstAt(time));
    }

    @Override
    public void seekTo(TopicPartition partition, Subscription.Start start) {
        seek(partition, start == Subscription.Start.EARLIEST ? MemoryLog::oldest : MemoryLog::end);
    }

    private void seek(TopicPartition partition, ToLongFunction<MemoryLog> target) {
        using(() -> {
            for (var sought : assigned(Set.of(partition))) {
                sought.sought = target;
                if (server.state == MemoryServer.State.UP) {
                    sought.resolve(server.log(partition));
                }
            }
        });
    }

    @Override
    public OptionalLong lag(TopicPartition partition) {
        var lag = new OptionalLong[] {OptionalLong.empty()};
        using(() -> {
            requireAssigned(Set.of(partition));
            if (server.state == MemoryServer.State.UP) {
                var log = server.log(partition);
                lag[0] = OptionalLong.of(
                        log.recordsFrom(server.group(subscription.group()).next(partition, log.end())));
            }
        });
        return lag[0];
    }

    @Override
    public void wakeup() {
        server.lock.lock();
        try {
            woken = true;
            server.signalChange();
        } finally {
            server.lock.unlock();
        }
    }

    @Override
    public void close() {
        var before = enter();
        try {
            if (closed) {
                return;
            }
            var owned = Set.copyOf(reading.keySet());
            var kept = stillOwned(owned);
            var lost = new HashSet<>(owned);
            lost.removeAll(kept);
            reading.keySet().removeAll(lost);
            try {
                tellAssignment(new Turn(Set.copyOf(lost), kept, List.of(), List.of()));
            } finally {
                end();
            }
        } finally {
            user.set(before);
        }
    }

    private Set<TopicPartition> stillOwned(Set<TopicPartition> partitions) {
        server.lock.lock();
        try {
            var kept = new HashSet<TopicPartition>();
            for (var partition : partitions) {
                if (member != null && server.group(subscription.group()).owns(member, partition)) {
                    kept.add(partition);
                }
            }
            return Set.copyOf(kept);
        } finally {
            server.lock.unlock();
        }
    }

    /** Leaves the group without a word to the listener. */
    void end() {
        server.lock.lock();
        try {
            closed = true;
            if (member != null) {
                server.group(subscription.group()).leave(member, server.partitions());
                member = null;
            }
            server.signalChange();
        } finally {
            server.lock.unlock();
        }
    }

    private Collection<Reading> assigned(Set<TopicPartition> partitions) {
        requireAssigned(partitions);
        var found = new HashMap<>(reading);
        found.keySet().retainAll(partitions);
        return found.values();
    }

    private void requireAssigned(Set<TopicPartition> partitions) {
        for (var partition : partitions) {
            if (!reading.containsKey(partition)) {
                throw new IllegalStateException(
                        partition + " is not assigned to this consumer of group \"" + subscription.group() + "\"");
            }
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("this consumer of group \"" + subscription.group() + "\" is closed");
        }
    }

    private void using(Runnable action) {
        var before = enter();
        server.lock.lock();
        try {
            requireOpen();
            action.run();
        } finally {
            server.lock.unlock();
            user.set(before);
        }
    }

    /** Refuses a second thread; listeners may call back in on the same one. */
    private @Nullable Thread enter() {
        var self = Thread.currentThread();
        var other = user.get();
        if (other == self || (other == null && user.compareAndSet(null, self))) {
            return other;
        }
        throw new IllegalStateException(
                "a consumer is used by one thread at a time: wake it up, and let " + "the polling thread close it");
    }
}
