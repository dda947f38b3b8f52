package dev.syncline.broker.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.spi.Broker;
import dev.syncline.spi.BrokerAddress;
import dev.syncline.spi.BrokerContext;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import dev.syncline.spi.SendResult;
import dev.syncline.spi.Subscription;
import dev.syncline.spi.Subscription.Start;
import dev.syncline.testkit.server.KafkaServer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** The clients of one test, closed with it. */
final class Clients implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(30);

    /** A close waits for the fetch under way, and a group of Kafka's default hears of changes once in 3 seconds. */
    private static final Map<String, String> QUICK =
            Map.of("fetch.max.wait.ms", "100", "reconnect.backoff.max.ms", "300");

    private final KafkaServer server;
    private final List<Broker> brokers = new CopyOnWriteArrayList<>();

    Clients(KafkaServer server) {
        this.server = server;
    }

    Broker broker(Map<String, ?> options) {
        return broker("kafka://" + server.bootstrapServers(), options);
    }

    Broker broker(String uri, Map<String, ?> options) {
        var all = new HashMap<String, Object>(QUICK);
        all.putAll(options);
        all.remove("bootstrap.servers");
        var broker = new KafkaBrokerProvider()
                .open(new BrokerContext("shop", "default", BrokerAddress.parse(uri), all, InstantSource.system()));
        brokers.add(broker);
        return broker;
    }

    TestConsumer consumer(String group, String topic) {
        return consumer(Map.of(), group, topic);
    }

    TestConsumer consumer(Map<String, ?> options, String group, String topic) {
        return consumer(broker(options), group, topic);
    }

    TestConsumer consumer(Broker broker, String group, String topic) {
        return new TestConsumer(listener -> broker.consumer(subscription(group, topic, Start.EARLIEST, 500), listener));
    }

    static Subscription subscription(String group, String topic, Start start, int maxPoll) {
        return new Subscription(group, Set.of(topic), start, "handler", maxPoll);
    }

    /** Sends by a producer of its own and hands out the results, whatever they are. */
    List<SendResult> send(Map<String, ?> options, List<Message> messages) {
        try (var producer = broker(options).producer()) {
            return send(producer, messages);
        }
    }

    static List<SendResult> send(dev.syncline.spi.BrokerProducer producer, List<Message> messages) {
        var results = new ArrayList<CompletableFuture<SendResult>>();
        messages.forEach(message -> results.add(new CompletableFuture<>()));
        producer.send(messages, (index, result) -> results.get(index).complete(result));
        return results.stream()
                .map(result ->
                        result.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join())
                .toList();
    }

    /** Sends, and expects that all are confirmed. */
    void sendAll(List<Message> messages) {
        assertThat(send(Map.of(), messages)).hasOnlyElementsOfType(SendResult.Sent.class);
    }

    static List<Message> texts(String topic, String key, int count) {
        var messages = new ArrayList<Message>();
        for (int i = 0; i < count; i++) {
            messages.add(text(topic, key, key + "#" + i));
        }
        return messages;
    }

    static Message text(String topic, String key, String id) {
        return new Message(
                topic,
                key,
                Map.of("specversion", "1.0", "id", id, "source", "test", "type", "thing.changed"),
                Map.of(),
                Bytes.utf8("data of " + id));
    }

    /** Random, so that no compression helps. */
    static Message large(String topic, String key, String id, int bytes) {
        var data = new byte[bytes];
        new java.util.Random(7).nextBytes(data);
        return new Message(topic, key, text(topic, key, id).attributes(), Map.of(), Bytes.wrap(data));
    }

    @Override
    public void close() {
        brokers.forEach(Broker::close);
    }
}
