package dev.syncline.broker.redis;

import dev.syncline.spi.Broker;
import dev.syncline.spi.BrokerAddress;
import dev.syncline.spi.BrokerContext;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Defect.RawHeader;
import dev.syncline.spi.Position;
import dev.syncline.spi.TopicPartition;
import dev.syncline.testkit.conformance.BrokerFixture;
import dev.syncline.testkit.server.RedisServer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One test's hand on a Redis that only its test class uses. */
final class RedisFixture implements BrokerFixture {

    private static final Duration LEASE = Duration.ofMillis(1500);
    private static final Duration POLL_TIMEOUT = Duration.ofMillis(1500);

    private final RedisServer server;
    private final String user = "u" + UUID.randomUUID().toString().substring(0, 8);
    private final List<Broker> clients = new ArrayList<>();

    RedisFixture(RedisServer server) {
        this.server = server;
        server.command("ACL", "SETUSER", user, "on", ">secret", "~*", "+@all");
    }

    static BrokerContext context(RedisServer server, Map<String, Object> options) {
        return new BrokerContext(
                "conformance", "default", BrokerAddress.parse(server.uri()), options, InstantSource.system());
    }

    @Override
    public Broker connect(Map<String, Object> options) {
        var all = new HashMap<String, Object>(Map.of(
                "user",
                user,
                "password",
                "secret",
                "lease.time",
                LEASE.toMillis() + "ms",
                "poll.timeout",
                POLL_TIMEOUT.toMillis() + "ms",
                "command.timeout",
                "2s",
                "connect.timeout",
                "2s"));
        all.putAll(options);
        var client = new RedisBrokerProvider().open(context(server, all));
        clients.add(client);
        return client;
    }

    @Override
    public void createTopic(String topic, int partitions) {
        connect(Map.of("topics.create", "true", "topics.partitions", String.valueOf(partitions)))
                .check(Set.of(topic), Set.of(), "", patience());
    }

    @Override
    public Duration takeover() {
        return LEASE.plus(POLL_TIMEOUT);
    }

    @Override
    public void killServer() {
        server.kill();
    }

    @Override
    public void restartServer() {
        server.restart();
        // users live in memory
        server.command("ACL", "SETUSER", user, "on", ">secret", "~*", "+@all");
    }

    @Override
    public void pauseServer() {
        server.pause();
    }

    @Override
    public void resumeServer() {
        server.resume();
    }

    @Override
    public void denyTopic(String topic) {
        server.command("ACL", "SETUSER", user, "resetkeys", "~syncline:*");
    }

    @Override
    public void dropUpTo(TopicPartition partition, Position position) {
        var next = new Position(position.major(), position.minor() + 1);
        server.command("XTRIM", Keys.stream(partition), "MINID", next.toString());
    }

    @Override
    public void store(TopicPartition partition, Bytes key, List<RawHeader> headers, @Nullable Bytes data) {
        var command = Keys.list("XADD", Keys.stream(partition), "*");
        for (var header : headers) {
            command.add(Keys.bytes(header.name()));
            command.add(header.value().toByteArray());
        }
        if (data != null) {
            command.add(Keys.bytes("data"));
            command.add(data.toByteArray());
        }
        if (headers.isEmpty() && data == null) {
            // an entry has a field at least
            command.addAll(Keys.list("nothing", ""));
        }
        try (var foreign = new RawConnection(server)) {
            foreign.send(command);
        }
    }

    @Override
    public void close() {
        clients.forEach(Broker::close);
        if (!server.isRunning()) {
            server.restart();
        }
        server.command("ACL", "DELUSER", user);
    }
}
