package dev.syncline.broker.redis;

import dev.syncline.api.BrokerException;
import dev.syncline.spi.AssignmentListener;
import dev.syncline.spi.Broker;
import dev.syncline.spi.BrokerConsumer;
import dev.syncline.spi.BrokerConsumer.Acknowledgement;
import dev.syncline.spi.Received;
import dev.syncline.spi.Subscription;
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

/** A consumer that is polled by its test and remembers what it was told. */
final class Reader implements AssignmentListener, AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration STEP = Duration.ofMillis(20);

    final List<Received> received = new ArrayList<>();
    final Map<TopicPartition, Assigned> owned = new HashMap<>();
    final Set<TopicPartition> lost = new HashSet<>();
    final Set<TopicPartition> revoked = new HashSet<>();
    final BrokerConsumer consumer;
    int assignments;
    private Consumer<Set<TopicPartition>> onRevoked = partitions -> {};

    Reader(Broker client, Subscription subscription) {
        consumer = client.consumer(subscription, this);
    }

    Reader whenRevoked(Consumer<Set<TopicPartition>> action) {
        onRevoked = action;
        return this;
    }

    /** One short poll; a Redis that is away is nothing. */
    void poll() {
        try {
            consumer.poll(STEP, received::add);
        } catch (BrokerException failure) {
            if (!failure.isRetryable()) {
                throw failure;
            }
        }
    }

    Reader until(String awaited, BooleanSupplier condition) {
        until(awaited, condition, this);
        return this;
    }

    static void until(String awaited, BooleanSupplier condition, Reader... readers) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("not within " + PATIENCE + ": " + awaited + "; " + List.of(readers));
            }
            for (var reader : readers) {
                reader.poll();
            }
        }
    }

    /** Polls for a while. */
    void pollFor(Duration duration) {
        long end = System.nanoTime() + duration.toNanos();
        while (System.nanoTime() - end < 0) {
            poll();
        }
    }

    Reader untilOwning(int partitions) {
        return until("owning " + partitions, () -> owned.size() == partitions);
    }

    /** Polls until so many messages came in all; their ids. */
    List<String> take(int count) {
        until(count + " messages", () -> received.size() >= count);
        return ids();
    }

    List<String> ids() {
        return received.stream().map(one -> one.message().attribute("id")).toList();
    }

    /** Polls until that is refused. */
    BrokerException refusal() {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() - end < 0) {
            try {
                poll();
            } catch (BrokerException refused) {
                return refused;
            }
        }
        throw new AssertionError("nothing was refused; " + this);
    }

    void acknowledge(Received message) {
        if (!acknowledged(message)) {
            throw new AssertionError("not confirmed: " + message.position());
        }
    }

    boolean acknowledged(Received message) {
        return consumer.acknowledgeNow(
                Map.of(message.partition(), new Acknowledgement(message.position(), "")), PATIENCE);
    }

    Received last() {
        return received.get(received.size() - 1);
    }

    @Override
    public void onAssigned(List<Assigned> partitions) {
        assignments++;
        partitions.forEach(one -> owned.put(one.partition(), one));
    }

    @Override
    public void onRevoked(Set<TopicPartition> partitions) {
        revoked.addAll(partitions);
        onRevoked.accept(partitions);
        owned.keySet().removeAll(partitions);
    }

    @Override
    public void onLost(Set<TopicPartition> partitions) {
        lost.addAll(partitions);
        owned.keySet().removeAll(partitions);
    }

    @Override
    public void close() {
        consumer.close();
    }

    @Override
    public String toString() {
        return "owns " + owned.keySet() + ", lost " + lost + ", got " + ids();
    }
}
