package dev.syncline.testkit.conformance;

import dev.syncline.spi.Broker;
import dev.syncline.spi.Capabilities;
import dev.syncline.spi.Subscription;
import dev.syncline.spi.Subscription.Start;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One test's share of the broker: its clients, and names that no other test uses. */
final class Bench implements AutoCloseable {

    static final int MAX_POLL = 100;

    final BrokerFixture fixture;
    final Duration patience;

    private final String id;
    private final List<Broker> clients = new ArrayList<>();
    private final List<ConformanceConsumer> consumers = new ArrayList<>();
    private @Nullable Capabilities capabilities;
    private int names;

    Bench(BrokerFixture fixture, String test) {
        this.fixture = fixture;
        this.patience = fixture.patience();
        var words = test.replaceAll("([A-Z])", "-$1")
                .replaceAll("[^A-Za-z0-9-]", "-")
                .toLowerCase(Locale.ROOT);
        this.id = words.substring(0, Math.min(60, words.length())) + "-"
                + UUID.randomUUID().toString().substring(0, 8);
    }

    /** A new topic. */
    String topic(int partitions) {
        var topic = unusedName("t");
        fixture.createTopic(topic, partitions);
        return topic;
    }

    String group() {
        return unusedName("g");
    }

    String unusedName(String prefix) {
        return id + "." + prefix + names++;
    }

    /** A client as of another process. */
    Broker client() {
        return client(Map.of());
    }

    Broker client(Map<String, Object> options) {
        var client = fixture.connect(options);
        clients.add(client);
        return client;
    }

    /** A producer with a client of its own. */
    ConformanceProducer producer() {
        return new ConformanceProducer(patience, client());
    }

    /** A consumer with a client of its own, starting at the earliest. */
    ConformanceConsumer consumer(String group, String... topics) {
        return consumer(new Subscription(group, Set.of(topics), Start.EARLIEST, "conformance", MAX_POLL));
    }

    ConformanceConsumer consumer(Subscription subscription) {
        return consumer(client(), subscription);
    }

    ConformanceConsumer consumer(Broker client, Subscription subscription) {
        var consumer = new ConformanceConsumer(
                "consumer " + consumers.size(),
                patience,
                subscription,
                listener -> client.consumer(subscription, listener));
        consumers.add(consumer);
        return consumer;
    }

    Capabilities capabilities() {
        if (capabilities == null) {
            capabilities = client().capabilities();
        }
        return capabilities;
    }

    /** Ends the server at once, and an embedded one with all its clients. */
    void killServer() {
        if (fixture.isEmbedded()) {
            consumers.forEach(ConformanceConsumer::abandon);
            clients.clear();
        }
        fixture.killServer();
    }

    /** Polls all of them in turn until the condition holds. */
    void until(String awaited, BooleanSupplier condition, ConformanceConsumer... polled) {
        ConformanceConsumer.until(patience, awaited, condition, polled);
    }

    @Override
    public void close() {
        try (fixture) {
            try {
                consumers.forEach(ConformanceConsumer::close);
            } finally {
                clients.forEach(Broker::close);
            }
        }
    }
}
