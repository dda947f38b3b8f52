package dev.syncline.runtime.internal.ingest;

import dev.syncline.spi.AssignmentListener;
import dev.syncline.spi.Broker;
import dev.syncline.spi.BrokerConsumer;
import dev.syncline.spi.BrokerProducer;
import dev.syncline.spi.Capabilities;
import dev.syncline.spi.GroupView;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.Subscription;
import dev.syncline.spi.TopicPartition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.function.Consumer;

/** A broker that does in its next poll what the test says, and writes down what it is told. One thread. */
final class ScriptedBroker implements Broker, BrokerConsumer, GroupView {

    final Map<TopicPartition, Acknowledgement> acknowledged = new HashMap<>();
    final Map<TopicPartition, Position> soughtAfter = new HashMap<>();
    final Set<TopicPartition> paused = new HashSet<>();
    Optional<Set<TopicPartition>> unattended = Optional.of(Set.of());
    boolean isClosed;
    Duration lastPatience = Duration.ZERO;
    private final Queue<Runnable> script = new ArrayDeque<>();
    private final Set<TopicPartition> assigned = new HashSet<>();
    private final List<Received> toDeliver = new ArrayList<>();
    private AssignmentListener listener;

    void assign(TopicPartition partition, Position position, String metadata) {
        script.add(() -> {
            assigned.add(partition);
            listener.onAssigned(List.of(new AssignmentListener.Assigned(partition, position, metadata)));
        });
    }

    void revoke(TopicPartition partition) {
        script.add(() -> {
            listener.onRevoked(Set.of(partition));
            assigned.remove(partition);
        });
    }

    void lose(TopicPartition partition) {
        script.add(() -> {
            assigned.remove(partition);
            listener.onLost(Set.of(partition));
        });
    }

    void deliver(Received received) {
        toDeliver.add(received);
    }

    long acknowledged(TopicPartition partition) {
        var found = acknowledged.get(partition);
        return found == null ? -1 : found.position().major();
    }

    @Override
    public void poll(Duration atMost, Consumer<Received> sink) {
        lastPatience = atMost;
        for (Runnable step; (step = script.poll()) != null; ) {
            step.run();
        }
        for (var received : List.copyOf(toDeliver)) {
            if (assigned.contains(received.partition()) && !paused.contains(received.partition())) {
                toDeliver.remove(received);
                sink.accept(received);
            }
        }
    }

    @Override
    public void acknowledge(Map<TopicPartition, Acknowledgement> positions) {
        if (!assigned.containsAll(positions.keySet())) {
            throw new IllegalStateException("acknowledges what is not assigned: " + positions);
        }
        acknowledged.putAll(positions);
    }

    @Override
    public boolean acknowledgeNow(Map<TopicPartition, Acknowledgement> positions, Duration atMost) {
        acknowledge(positions);
        return true;
    }

    @Override
    public void pause(Set<TopicPartition> partitions) {
        paused.addAll(partitions);
    }

    @Override
    public void resume(Set<TopicPartition> partitions) {
        paused.removeAll(partitions);
    }

    @Override
    public OptionalLong lag(TopicPartition partition) {
        return OptionalLong.of(toDeliver.size());
    }

    @Override
    public Optional<Set<TopicPartition>> unattended() {
        return unattended;
    }

    @Override
    public void close() {
        if (!isClosed && !assigned.isEmpty()) {
            listener.onRevoked(Set.copyOf(assigned));
        }
        isClosed = true;
    }

    @Override
    public BrokerConsumer consumer(Subscription subscription, AssignmentListener listener) {
        this.listener = Objects.requireNonNull(listener);
        return this;
    }

    @Override
    public void wakeup() {}

    @Override
    public void seekAfter(TopicPartition partition, Position position) {
        soughtAfter.put(partition, position);
    }

    @Override
    public void seekTo(TopicPartition partition, Instant time) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void seekTo(TopicPartition partition, Subscription.Start start) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Capabilities capabilities() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void check(Set<String> publish, Set<String> subscribe, String group, Duration atMost) {}

    @Override
    public BrokerProducer producer() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void forgetGroup(String group, Duration atMost) {}
}
