package dev.syncline.testkit;

import dev.syncline.api.BrokerException;
import dev.syncline.spi.AssignmentListener;
import dev.syncline.spi.Broker;
import dev.syncline.spi.BrokerConsumer;
import dev.syncline.spi.BrokerProducer;
import dev.syncline.spi.Capabilities;
import dev.syncline.spi.Subscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** One client of the server, as if of a process of its own. */
final class MemoryClient implements Broker {

    private final MemoryServer server;
    private final int partitionsOfNewTopics;
    private final List<MemoryProducer> producers = new ArrayList<>();
    private final List<MemoryConsumer> consumers = new ArrayList<>();
    private boolean closed;

    /**
     * @param partitionsOfNewTopics 0 if missing topics are not to be made
     */
    MemoryClient(MemoryServer server, int partitionsOfNewTopics) {
        this.server = server;
        this.partitionsOfNewTopics = partitionsOfNewTopics;
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities(true, false, server.maxMessageBytes);
    }

    @Override
    public void check(Set<String> publish, Set<String> subscribe, String group, Duration atMost) {
        var topics = new TreeSet<>(publish);
        topics.addAll(subscribe);
        server.lock.lock();
        try {
            requireOpen();
            requireUp(atMost);
            for (var topic : topics) {
                if (server.denied.contains(topic)) {
                    throw MemoryServer.deniedTopic(topic);
                }
            }
            topics.removeIf(server::hasTopic);
            if (partitionsOfNewTopics > 0) {
                topics.forEach(topic -> server.createTopic(topic, partitionsOfNewTopics));
            } else if (!topics.isEmpty()) {
                throw MemoryServer.missing(String.join("\", \"", topics));
            }
        } finally {
            server.lock.unlock();
        }
    }

    @Override
    public BrokerProducer producer() {
        server.lock.lock();
        try {
            requireOpen();
            var producer = new MemoryProducer(server);
            producers.add(producer);
            server.producers.add(producer);
            return producer;
        } finally {
            server.lock.unlock();
        }
    }

    @Override
    public BrokerConsumer consumer(Subscription subscription, AssignmentListener listener) {
        server.lock.lock();
        try {
            requireOpen();
            var consumer = new MemoryConsumer(server, subscription, listener);
            consumers.add(consumer);
            return consumer;
        } finally {
            server.lock.unlock();
        }
    }

    @Override
    public void forgetGroup(String group, Duration atMost) {
        server.lock.lock();
        try {
            requireOpen();
            requireUp(atMost);
            var known = server.group(group);
            server.expelSilent(known);
            if (known.hasMembers()) {
                throw BrokerException.refused(
                        "group \"" + group + "\" is in use: close its consumers before it is forgotten", null);
            }
            server.groups.remove(group);
        } finally {
            server.lock.unlock();
        }
    }

    @Override
    public void close() {
        List<MemoryProducer> open;
        server.lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            open = List.copyOf(producers);
            consumers.forEach(MemoryConsumer::end);
        } finally {
            server.lock.unlock();
        }
        open.forEach(MemoryProducer::close);
    }

    private void requireUp(Duration atMost) {
        try {
            if (server.awaitUp(server.time.nanoTime() + atMost.toNanos())) {
                return;
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        throw MemoryServer.away();
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("this client of the in-memory broker is closed");
        }
    }
}
