package dev.syncline.testkit;

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

    private final MemoryServer server;
    private final Subscription subscription;
    private final AssignmentListener listener;
    private final AtomicReference<@Nullable Thread> user = new AtomicReference<>();
    private final Map<TopicPartition, MemoryReading> reading = new LinkedHashMap<>();
    private final MemoryAcknowledgements unsent = new MemoryAcknowledgements();
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
            if (partition == null || !partition.isFlowing()) {
                continue; // the sink closed, sought or paused
            }
            partition.delivered(message.position().major());
            sink.accept(message);
        }
    }

    private void tellAssignment(MemoryTurn next) {
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
    private MemoryTurn await(long deadline) {
        server.lock.lock();
        try {
            while (true) {
                requireOpen();
                if (woken) {
                    woken = false;
                    return MemoryTurn.NOTHING;
                }
                var next = server.state == MemoryServer.State.UP ? turn() : MemoryTurn.NOTHING;
                long left = deadline - server.time.nanoTime();
                if (!next.isNothing()) {
                    return next;
                }
                if (left <= 0) {
                    if (server.state == MemoryServer.State.DOWN) {
                        throw MemoryServer.away();
                    }
                    return MemoryTurn.NOTHING;
                }
                server.time.await(server.changed, Math.min(left, nanosToNextExpiry()));
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return MemoryTurn.NOTHING;
        } finally {
            server.lock.unlock();
        }
    }

    private long nanosToNextExpiry() {
        return server.state == MemoryServer.State.UP
                ? server.nanosToNextExpiry(server.group(subscription.group()))
                : Long.MAX_VALUE;
    }

    private MemoryTurn turn() {
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
                return MemoryTurn.lost(lost);
            }
        }
        self.polled(server.time.nanoTime());
        sendAcknowledgements();
        var surplus = group.toGiveUp(self);
        if (!surplus.isEmpty()) {
            return MemoryTurn.revoked(surplus);
        }
        var taken = group.take(self);
        if (!taken.isEmpty()) {
            return MemoryTurn.assigned(begin(group, taken));
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
            reading.put(partition, new MemoryReading(partition, group.next(partition, start)));
            var position = group.acknowledged(partition);
            assigned.add(new Assigned(
                    partition,
                    position == null ? null : position.position(),
                    position == null ? "" : position.metadata()));
        }
        return assigned;
    }

    private MemoryTurn fetch() {
        if (server.holdsDeliveries) {
            return MemoryTurn.NOTHING;
        }
        var messages = new ArrayList<Received>();
        var partitions = new ArrayList<>(reading.keySet());
        for (int i = 0; i < partitions.size(); i++) {
            // another one first each time, so that a full partition does not starve the others
            var partition = partitions.get((turn + i) % partitions.size());
            var from = reading.get(partition);
            if (from != null) {
                from.take(server.log(partition), messages, subscription);
            }
        }
        turn++;
        return messages.isEmpty() ? MemoryTurn.NOTHING : MemoryTurn.messages(messages);
    }

    @Override
    public void acknowledge(Map<TopicPartition, Acknowledgement> positions) {
        using(() -> {
            requireAssigned(positions.keySet());
            unsent.add(positions);
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
            unsent.add(positions);
            return server.awaitUp(server.time.nanoTime() + atMost.toNanos()) && sendAcknowledgements();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            server.lock.unlock();
            user.set(before);
        }
    }

    /** Hands over what was acknowledged, if the server can be reached. Whether all of it was taken. */
    private boolean sendAcknowledgements() {
        if (server.state != MemoryServer.State.UP) {
            return false;
        }
        var group = server.group(subscription.group());
        server.expelSilent(group);
        return unsent.handOver(group, member);
    }

    @Override
    public void pause(Set<TopicPartition> partitions) {
        using(() -> assigned(partitions).forEach(partition -> partition.pause(true)));
    }

    @Override
    public void resume(Set<TopicPartition> partitions) {
        using(() -> assigned(partitions).forEach(partition -> partition.pause(false)));
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
                sought.seek(target);
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
                tellAssignment(new MemoryTurn(Set.copyOf(lost), kept, List.of(), List.of()));
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

    private Collection<MemoryReading> assigned(Set<TopicPartition> partitions) {
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
                "a consumer is used by one thread at a time: wake it up, and let the polling thread close it");
    }
}
