package dev.syncline.broker.kafka;

import dev.syncline.api.BrokerException;
import dev.syncline.spi.AssignmentListener;
import dev.syncline.spi.BrokerConsumer;
import dev.syncline.spi.BrokerConsumer.Acknowledgement;
import dev.syncline.spi.Received;
import dev.syncline.spi.TopicPartition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;

/** A consumer that remembers what it was told and given. */
final class TestConsumer implements AssignmentListener, AutoCloseable {

    final BrokerConsumer consumer;
    final List<Received> received = new ArrayList<>();
    final Map<TopicPartition, Assigned> assigned = new HashMap<>();
    final Set<TopicPartition> owned = new HashSet<>();
    final List<String> told = new ArrayList<>();

    /** What the last poll that failed said. */
    String away = "";

    Consumer<Received> sink = received::add;
    Consumer<List<Assigned>> whenAssigned = partitions -> {};
    Consumer<Set<TopicPartition>> beforeRevoked = partitions -> {};
    Consumer<Set<TopicPartition>> whenRevoked = partitions -> {};

    TestConsumer(Function<AssignmentListener, BrokerConsumer> open) {
        this.consumer = open.apply(this);
    }

    /** One short poll; that the broker is away is no failure. */
    TestConsumer poll() {
        try {
            consumer.poll(Duration.ofMillis(50), sink);
        } catch (BrokerException away) {
            if (!away.isRetryable()) {
                throw away;
            }
            this.away = String.valueOf(away.getMessage());
        }
        return this;
    }

    TestConsumer until(BooleanSupplier condition) {
        return until(condition, this);
    }

    TestConsumer until(BooleanSupplier condition, TestConsumer... polled) {
        long deadline = System.nanoTime() + Clients.PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("waited in vain: told " + told + ", owned " + owned + ", received " + ids());
            }
            for (var one : polled) {
                one.poll();
            }
        }
        return this;
    }

    List<Received> take(int count) {
        until(() -> received.size() >= count);
        return received;
    }

    /** Polls until that is refused. */
    BrokerException refusal() {
        long deadline = System.nanoTime() + Clients.PATIENCE.toNanos();
        while (System.nanoTime() - deadline < 0) {
            try {
                poll();
            } catch (BrokerException refused) {
                return refused;
            }
        }
        throw new AssertionError("nothing was refused: told " + told + ", received " + ids());
    }

    /** Polls a few times more; for what should not come. */
    TestConsumer pollOn() {
        for (int i = 0; i < 8; i++) {
            poll();
        }
        return this;
    }

    List<String> ids() {
        return received.stream().map(one -> one.message().attribute("id")).toList();
    }

    TopicPartition partition() {
        return received.get(received.size() - 1).partition();
    }

    static Map<TopicPartition, Acknowledgement> upTo(Received message, String metadata) {
        return Map.of(message.partition(), new Acknowledgement(message.position(), metadata));
    }

    @Override
    public void onAssigned(List<Assigned> partitions) {
        partitions.forEach(one -> assigned.put(one.partition(), one));
        partitions.forEach(one -> owned.add(one.partition()));
        told.add("assigned " + partitions.size());
        whenAssigned.accept(partitions);
    }

    @Override
    public void onRevoked(Set<TopicPartition> partitions) {
        beforeRevoked.accept(partitions);
        told.add("revoked " + partitions.size());
        owned.removeAll(partitions);
        whenRevoked.accept(partitions);
    }

    @Override
    public void onLost(Set<TopicPartition> partitions) {
        told.add("lost " + partitions.size());
        owned.removeAll(partitions);
    }

    @Override
    public void close() {
        consumer.close();
    }
}
