package dev.syncline.testkit;

import dev.syncline.api.BrokerException;
import dev.syncline.runtime.internal.keys.Murmur2;
import dev.syncline.spi.Position;
import dev.syncline.spi.TopicPartition;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What all clients share: topics, groups, and how the server feels at the moment. Has no thread: everything happens in
 * calls of clients and tests, under one lock that is never held around a listener.
 */
final class MemoryServer {

    enum State {
        UP,
        /** Holds connections and answers nothing, as after SIGSTOP. */
        PAUSED,
        /** Refuses connections. */
        DOWN
    }

    final ReentrantLock lock = new ReentrantLock();
    final Condition changed = lock.newCondition();
    final InstantSource clock;
    final MemoryTime time;
    final Runnable onChange;
    final int maxMessageBytes;
    final Map<String, MemoryGroup> groups = new HashMap<>();
    final Set<MemoryProducer> producers = new LinkedHashSet<>();
    final Set<String> denied = new LinkedHashSet<>();
    State state = State.UP;
    boolean holdsConfirmations;
    boolean holdsDeliveries;
    int confirmationsToLose;
    int messagesToStoreTwice;

    private final long sessionNanos;
    private final Map<String, List<MemoryLog>> topics = new TreeMap<>();
    private final Map<String, Integer> partitions = new TreeMap<>();

    MemoryServer(
            InstantSource clock, MemoryTime time, Runnable onChange, Duration sessionTimeout, int maxMessageBytes) {
        this.clock = clock;
        this.time = time;
        this.onChange = onChange;
        this.sessionNanos = sessionTimeout.toNanos();
        this.maxMessageBytes = maxMessageBytes;
    }

    void requireLock() {
        if (!lock.isHeldByCurrentThread()) {
            throw new IllegalStateException("the lock of the server is not held");
        }
    }

    boolean hasTopic(String topic) {
        requireLock();
        return topics.containsKey(topic);
    }

    void createTopic(String topic, int partitions) {
        requireLock();
        if (partitions < 1) {
            throw new IllegalArgumentException("topic \"" + topic + "\" needs a partition at least");
        }
        var logs = new ArrayList<MemoryLog>();
        for (int i = 0; i < partitions; i++) {
            logs.add(new MemoryLog());
        }
        if (topics.putIfAbsent(topic, List.copyOf(logs)) != null) {
            throw new IllegalArgumentException("topic \"" + topic + "\" exists already");
        }
        this.partitions.put(topic, partitions);
        groups.values().forEach(group -> group.plan(partitions()));
        signalChange();
    }

    List<MemoryLog> logs(String topic) {
        requireLock();
        var logs = topics.get(topic);
        if (logs == null) {
            throw missing(topic);
        }
        return logs;
    }

    MemoryLog log(TopicPartition partition) {
        return logs(partition.topic()).get(partition.partition());
    }

    Map<String, Integer> partitions() {
        requireLock();
        return Collections.unmodifiableMap(partitions);
    }

    MemoryGroup group(String name) {
        requireLock();
        return groups.computeIfAbsent(name, first -> new MemoryGroup());
    }

    void expelSilent(MemoryGroup group) {
        requireLock();
        if (group.expel(time.nanoTime(), sessionNanos, partitions())) {
            signalChange();
        }
    }

    long nanosToNextExpiry(MemoryGroup group) {
        return group.nanosToNextExpiry(time.nanoTime(), sessionNanos);
    }

    int partitionOf(String topic, MemoryRecord record, String identity) {
        var key = record.key().length() > 0 ? record.key().toByteArray() : identity.getBytes(StandardCharsets.UTF_8);
        return (Murmur2.hash(key, 0, key.length) & 0x7fffffff) % logs(topic).size();
    }

    Position append(TopicPartition partition, MemoryRecord record) {
        requireLock();
        long offset = log(partition).append(record, clock.instant());
        signalChange();
        return Position.of(offset);
    }

    void signalChange() {
        requireLock();
        changed.signalAll();
        onChange.run();
    }

    /** Waits until the server is up. Whether it is. */
    boolean awaitUp(long deadlineNanos) throws InterruptedException {
        requireLock();
        while (state != State.UP) {
            long left = deadlineNanos - time.nanoTime();
            if (left <= 0) {
                return false;
            }
            time.await(changed, left);
        }
        return true;
    }

    void become(State next) {
        lock.lock();
        try {
            state = next;
            if (next == State.UP) {
                // nobody could poll meanwhile
                groups.values().forEach(group -> group.everybodyPolled(time.nanoTime()));
            }
            producers.forEach(MemoryProducer::serverChanged);
            signalChange();
        } finally {
            lock.unlock();
        }
        tellResults();
    }

    /** Lets listeners of producers know what happened, on the calling thread. */
    void tellResults() {
        List<MemoryProducer> all;
        lock.lock();
        try {
            all = List.copyOf(producers);
        } finally {
            lock.unlock();
        }
        all.forEach(MemoryProducer::tell);
    }

    static BrokerException away() {
        return BrokerException.retryable("the in-memory broker is away: start it again, or wait", null);
    }

    static BrokerException missing(String topic) {
        return BrokerException.refused(
                "topic \"" + topic + "\" does not exist in the in-memory broker: create it, or set topics.create=true",
                null);
    }

    static BrokerException deniedTopic(String topic) {
        return BrokerException.refused("topic \"" + topic + "\" is denied: allow this client to use it", null);
    }
}
