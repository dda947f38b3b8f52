package dev.syncline.testkit;

import dev.syncline.spi.Broker;
import dev.syncline.spi.BrokerAddress;
import dev.syncline.spi.BrokerContext;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Defect.RawHeader;
import dev.syncline.spi.Position;
import dev.syncline.spi.TopicPartition;
import dev.syncline.testkit.conformance.BrokerFixture;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One in-memory server per test. */
public final class InMemoryFixture implements BrokerFixture {

    private final Duration session;
    private final Duration patience;
    private final InMemoryBroker server;
    private final List<Broker> clients = new ArrayList<>();

    public InMemoryFixture() {
        this(Duration.ofSeconds(2), Duration.ofSeconds(20));
    }

    /** With other times than those that suit a busy machine. */
    public InMemoryFixture(Duration session, Duration patience) {
        this.session = session;
        this.patience = patience;
        this.server = InMemoryBroker.builder().sessionTimeout(session).build();
    }

    @Override
    public Broker connect(Map<String, Object> options) {
        var client = server.open(new BrokerContext(
                "conformance", "default", BrokerAddress.parse("memory:"), options, InstantSource.system()));
        clients.add(client);
        return client;
    }

    @Override
    public void createTopic(String topic, int partitions) {
        server.createTopic(topic, partitions);
    }

    @Override
    public Duration takeover() {
        return session;
    }

    @Override
    public Duration patience() {
        return patience;
    }

    @Override
    public void killServer() {
        server.stop();
    }

    @Override
    public void restartServer() {
        server.start();
    }

    @Override
    public void pauseServer() {
        server.pause();
    }

    @Override
    public void resumeServer() {
        server.start();
    }

    @Override
    public void denyTopic(String topic) {
        server.denyTopic(topic);
    }

    @Override
    public void dropUpTo(TopicPartition partition, Position position) {
        server.dropUpTo(partition, position);
    }

    @Override
    public void store(TopicPartition partition, Bytes key, List<RawHeader> headers, @Nullable Bytes data) {
        server.store(partition, key, headers, data);
    }

    @Override
    public void close() {
        clients.forEach(Broker::close);
    }
}
