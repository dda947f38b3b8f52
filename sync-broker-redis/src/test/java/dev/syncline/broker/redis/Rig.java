package dev.syncline.broker.redis;

import dev.syncline.spi.Broker;
import dev.syncline.spi.BrokerAddress;
import dev.syncline.spi.BrokerContext;
import dev.syncline.spi.BrokerProducer;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import dev.syncline.spi.Position;
import dev.syncline.spi.SendResult;
import dev.syncline.spi.Subscription;
import dev.syncline.spi.Subscription.Start;
import dev.syncline.spi.TopicPartition;
import dev.syncline.testkit.server.RedisServer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** One test's clients of a Redis, with a topic and a group that no other test uses. */
final class Rig implements AutoCloseable {

    static final int MAX_POLL = 100;

    final RedisServer server;
    final String topic = "topic-" + UUID.randomUUID().toString().substring(0, 8);
    final String group = "group-" + UUID.randomUUID().toString().substring(0, 8);
    private final List<Reader> readers = new ArrayList<>();
    private final List<Broker> clients = new ArrayList<>();

    Rig(RedisServer server) {
        this.server = server;
    }

    /** A server, and the topic in it. */
    static Rig with(RedisServer server, int partitions) {
        var rig = new Rig(server);
        rig.createTopic(rig.topic, partitions);
        return rig;
    }

    static Broker open(String uri, Map<String, Object> options) {
        return new RedisBrokerProvider()
                .open(new BrokerContext("test", "default", BrokerAddress.parse(uri), options, InstantSource.system()));
    }

    Broker client(Object... options) {
        return clientAt(server.uri(), options);
    }

    /** As of another process, with short times. */
    Broker clientAt(String uri, Object... options) {
        var all = new HashMap<String, Object>(
                Map.of("lease.time", "1s", "poll.timeout", "1m", "command.timeout", "2s", "connect.timeout", "2s"));
        for (int i = 0; i < options.length; i += 2) {
            all.put(options[i].toString(), options[i + 1]);
        }
        var client = open(uri, all);
        clients.add(client);
        return client;
    }

    void createTopic(String name, int partitions) {
        client("topics.create", "true", "topics.partitions", String.valueOf(partitions))
                .check(Set.of(name), Set.of(), "", Reader.PATIENCE);
    }

    Reader reader() {
        return reader(client());
    }

    Reader reader(Broker client) {
        return reader(client, Start.EARLIEST, topic);
    }

    Reader reader(Broker client, Start start, String... topics) {
        var reader = new Reader(client, new Subscription(group, Set.of(topics), start, "test", MAX_POLL));
        readers.add(reader);
        return reader;
    }

    Message message(String key, String id) {
        return message(topic, key, id);
    }

    static Message message(String topic, String key, String id) {
        var attributes = new HashMap<String, String>(Map.of(
                "specversion", "1.0",
                "id", id,
                "source", "test",
                "type", "thing.changed",
                "datacontenttype", "text/plain"));
        if (!key.isEmpty()) {
            attributes.put("partitionkey", key);
        }
        return new Message(topic, key, attributes, Map.of(), Bytes.utf8("data of " + id));
    }

    List<Message> messages(String key, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> message(key, key + "#" + i))
                .toList();
    }

    /** Sends and waits until all is confirmed; the positions. */
    List<Position> send(String key, int count) {
        return send(messages(key, count));
    }

    List<Position> send(List<Message> messages) {
        var client = client();
        var producer = client.producer();
        try {
            return results(producer, messages).stream()
                    .map(result -> ((SendResult.Sent) result).position())
                    .toList();
        } finally {
            producer.close();
            client.close();
        }
    }

    /** Sends and waits for all results. */
    static List<SendResult> results(BrokerProducer producer, List<Message> messages) {
        var results = new SendResult[messages.size()];
        var left = new CountDownLatch(messages.size());
        producer.send(messages, (index, result) -> {
            synchronized (results) {
                results[index] = result;
            }
            left.countDown();
        });
        try {
            if (!left.await(Reader.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("unanswered: " + left.getCount());
            }
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
        synchronized (results) {
            return List.copyOf(Arrays.asList(results));
        }
    }

    TopicPartition partition(int number) {
        return new TopicPartition(topic, number);
    }

    String stream() {
        return Keys.stream(partition(0));
    }

    /** A field of what the group has of partition 0; empty if it is not there. */
    String state(String field) {
        var value = server.command("HGET", Keys.group(partition(0), group), field);
        return value == null ? "" : value.toString();
    }

    long pending() {
        return ((List<?>) command("XPENDING", stream(), group)).get(0) instanceof Long count ? count : -1;
    }

    Object command(String... command) {
        var answer = server.command(command);
        return answer == null ? "" : answer;
    }

    /** The connections of a broker by themselves. */
    Connector connector(Object... options) {
        var all = new HashMap<String, Object>();
        for (int i = 0; i < options.length; i += 2) {
            all.put(options[i].toString(), options[i + 1]);
        }
        var context =
                new BrokerContext("test", "default", BrokerAddress.parse(server.uri()), all, InstantSource.system());
        return new Connector(context, OptionParser.parse(context));
    }

    /** Runs a script on partition 0 by itself, with these arguments. */
    Reply run(Script script, List<byte[]> arguments) {
        try (var connector = connector()) {
            var deadline = new Deadline(Reader.PATIENCE);
            try (var session = deadline.await(connector.open(), "connecting")) {
                return deadline.await(session.run(script, Keys.ofGroup(partition(0), group), arguments), "running");
            }
        }
    }

    @Override
    public void close() {
        if (server.isRunning() && !server.isPaused()) {
            readers.forEach(Reader::close);
        }
        clients.forEach(Broker::close);
    }
}
