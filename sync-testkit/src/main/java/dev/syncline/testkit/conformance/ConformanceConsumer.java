package dev.syncline.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.api.BrokerException;
import dev.syncline.spi.AssignmentListener;
import dev.syncline.spi.BrokerConsumer;
import dev.syncline.spi.BrokerConsumer.Acknowledgement;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.Subscription;
import dev.syncline.spi.TopicPartition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A consumer under observation, polled by the thread of the test. Whatever a test is about, each poll is held against
 * the rules of {@link BrokerConsumer}: messages come from partitions that are owned, in order of position, once per
 * assignment, not while paused, not more than asked for; listeners are called on the polling thread, inside a call.
 */
final class ConformanceConsumer implements AssignmentListener, AutoCloseable {

    private static final Duration STEP = Duration.ofMillis(50);

    /** Everything delivered, in the order of delivery. */
    final List<Received> received = new ArrayList<>();

    /** What is owned now, as the listener was told. */
    final Set<TopicPartition> owned = new HashSet<>();

    /** What was told at the last assignment of a partition. */
    final Map<TopicPartition, Assigned> assignments = new HashMap<>();

    /** What was lost, since the beginning. */
    final Set<TopicPartition> lost = new HashSet<>();

    /** Times that poll said the broker was away. */
    int timesAway;

    private final String name;
    private final Duration patience;
    private final int maxPoll;
    private final BrokerConsumer consumer;
    private final Map<TopicPartition, Position> last = new HashMap<>();
    private final Set<TopicPartition> paused = new HashSet<>();
    private final List<String> violations = new ArrayList<>();
    private Consumer<Set<TopicPartition>> onRevoked = partitions -> {};
    private Consumer<List<Assigned>> onAssigned = partitions -> {};
    private Consumer<Received> onReceived = message -> {};
    private final AtomicReference<@Nullable Thread> calling = new AtomicReference<>();
    private int inThisPoll;
    private boolean closed;

    /**
     * @param open makes the consumer that reports to the given listener
     */
    ConformanceConsumer(
            String name,
            Duration patience,
            Subscription subscription,
            Function<AssignmentListener, BrokerConsumer> open) {
        this.name = name;
        this.patience = patience;
        this.maxPoll = subscription.maxPoll();
        this.consumer = open.apply(this);
    }

    BrokerConsumer raw() {
        return consumer;
    }

    /** What to do while partitions are revoked, before this consumer counts them as gone. */
    void whenRevoked(Consumer<Set<TopicPartition>> action) {
        onRevoked = action;
    }

    /** What to do while partitions are assigned. */
    void whenAssigned(Consumer<List<Assigned>> action) {
        onAssigned = action;
    }

    /** What to do with each message, after it was held against the rules. */
    void whenReceived(Consumer<Received> action) {
        onReceived = action;
    }

    /** One short poll; a broker that is away is counted, and anything else goes to the test. */
    void poll() {
        poll(STEP);
    }

    void poll(Duration atMost) {
        inThisPoll = 0;
        calling.set(Thread.currentThread());
        try {
            consumer.poll(atMost, this::onMessage);
        } catch (BrokerException failure) {
            if (!failure.isRetryable()) {
                throw failure;
            }
            timesAway++;
        } finally {
            calling.set(null);
        }
        assertNoViolation();
    }

    /** Looks once whether something is there, and hardly waits. */
    void pollBriefly() {
        poll(Duration.ofMillis(10));
    }

    /** Polls until the condition holds. */
    void until(String awaited, BooleanSupplier condition) {
        until(patience, awaited, condition, this);
    }

    /** Polls the consumers in turn, as if each had its own process, until the condition holds. */
    static void until(Duration patience, String awaited, BooleanSupplier condition, ConformanceConsumer... consumers) {
        var left = Patience.of(patience);
        while (!condition.getAsBoolean()) {
            if (left.isOver()) {
                throw left.exhausted(awaited, Arrays.toString(consumers));
            }
            for (var consumer : consumers) {
                consumer.poll();
            }
        }
    }

    /** Polls until something is owned. */
    ConformanceConsumer untilAssigned(int partitions) {
        until(name + " owns " + partitions + " partitions", () -> owned.size() == partitions);
        return this;
    }

    /** Polls until so many messages in all were delivered, and hands them out. */
    List<Received> take(int count) {
        until(name + " has " + count + " messages", () -> received.size() >= count);
        return received;
    }

    /** Polls a few times more, and expects that nothing comes. */
    void expectNothingMore() {
        int before = received.size();
        for (int i = 0; i < 4; i++) {
            poll();
        }
        assertThat(Messages.ids(received.subList(before, received.size())))
                .as("messages that %s should not have got", name)
                .isEmpty();
    }

    /** Acknowledges up to and including the message, and waits for the broker. */
    void acknowledge(Received message) {
        acknowledge(message, "");
    }

    void acknowledge(Received message, String metadata) {
        acknowledge(Map.of(message.partition(), new Acknowledgement(message.position(), metadata)));
    }

    /** Acknowledges all that was delivered of partitions that are owned, and waits for the broker. */
    void acknowledgeAll() {
        acknowledge(delivered(owned));
    }

    void acknowledge(Map<TopicPartition, Acknowledgement> positions) {
        assertThat(consumer.acknowledgeNow(positions, patience))
                .as("%s: the broker confirmed %s", name, positions)
                .isTrue();
    }

    /** The newest position delivered of each of these partitions. */
    Map<TopicPartition, Acknowledgement> delivered(Set<TopicPartition> partitions) {
        var positions = new HashMap<TopicPartition, Acknowledgement>();
        for (var message : received) {
            if (partitions.contains(message.partition())) {
                positions.put(message.partition(), new Acknowledgement(message.position(), ""));
            }
        }
        return positions;
    }

    void pause(Set<TopicPartition> partitions) {
        consumer.pause(partitions);
        paused.addAll(partitions);
    }

    void resume(Set<TopicPartition> partitions) {
        consumer.resume(partitions);
        paused.removeAll(partitions);
    }

    /** The next message of the partition may be any: to be called with each seek. */
    void sought(TopicPartition partition) {
        last.remove(partition);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            calling.set(Thread.currentThread());
            try {
                consumer.close();
            } finally {
                calling.set(null);
            }
            assertNoViolation();
        }
    }

    /** Never polls again, and says no goodbye: what a killed process does. */
    void abandon() {
        closed = true;
    }

    @Override
    public void onAssigned(List<Assigned> partitions) {
        inside("onAssigned");
        for (var assigned : partitions) {
            if (!owned.add(assigned.partition())) {
                violations.add("onAssigned of " + assigned.partition() + ", which was owned already");
            }
            assignments.put(assigned.partition(), assigned);
            last.remove(assigned.partition());
            paused.remove(assigned.partition());
        }
        onAssigned.accept(partitions);
    }

    @Override
    public void onRevoked(Set<TopicPartition> partitions) {
        inside("onRevoked");
        onRevoked.accept(partitions);
        gone("onRevoked", partitions);
    }

    @Override
    public void onLost(Set<TopicPartition> partitions) {
        inside("onLost");
        lost.addAll(partitions);
        gone("onLost", partitions);
    }

    private void gone(String call, Set<TopicPartition> partitions) {
        if (!owned.containsAll(partitions)) {
            violations.add(call + " of " + partitions + ", while " + owned + " were owned");
        }
        owned.removeAll(partitions);
    }

    private void inside(String call) {
        if (calling.get() != Thread.currentThread()) {
            violations.add(call + " outside of poll and close, or on another thread");
        }
    }

    private void onMessage(Received message) {
        inside("the sink");
        received.add(message);
        if (++inThisPoll > maxPoll) {
            violations.add("more than " + maxPoll + " messages in one poll");
        }
        if (!owned.contains(message.partition())) {
            violations.add("message " + message.position() + " of " + message.partition() + ", which is not owned");
        }
        if (paused.contains(message.partition())) {
            violations.add("message " + message.position() + " of " + message.partition() + ", which is paused");
        }
        var before = last.put(message.partition(), message.position());
        if (before != null && before.compareTo(message.position()) >= 0) {
            violations.add("message " + message.position() + " of " + message.partition() + " after " + before);
        }
        onReceived.accept(message);
    }

    private void assertNoViolation() {
        assertThat(violations)
                .as("rules of BrokerConsumer that %s saw broken", name)
                .isEmpty();
    }

    @Override
    public String toString() {
        return name + " owns " + owned + " and got " + received.size() + " messages";
    }
}
