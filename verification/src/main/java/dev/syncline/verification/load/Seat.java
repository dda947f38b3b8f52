package dev.syncline.verification.load;

import dev.syncline.runtime.Sync;
import dev.syncline.testkit.InMemoryBroker;
import dev.syncline.testkit.server.KafkaServer;
import dev.syncline.testkit.server.RedisServer;
import dev.syncline.testkit.server.ServerProcess;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The broker of a run, by its name: {@code local}, {@code memory}, {@code redis} or {@code kafka}; the last two are real
 * servers, killed with SIGKILL. Redis writes its append-only file every second, Kafka leaves its log to the page cache:
 * both keep over the end of their process what they confirmed.
 */
final class Seat implements AutoCloseable {

    private static final int PARTITIONS = 8;

    private final String uri;
    private final @Nullable InMemoryBroker memory;
    private final @Nullable ServerProcess server;

    private Seat(String uri, @Nullable InMemoryBroker memory, @Nullable ServerProcess server) {
        this.uri = uri;
        this.memory = memory;
        this.server = server;
    }

    /** Starts it. */
    static Seat of(String broker) {
        return switch (broker) {
            case "local" -> new Seat("local:", null, null);
            case "memory" -> {
                var memory = new InMemoryBroker();
                memory.createTopic(Thing.TOPIC, PARTITIONS);
                yield new Seat("memory:", memory, null);
            }
            case "redis" -> {
                var redis = RedisServer.builder().config("appendonly", "yes").start();
                yield new Seat(redis.uri(), null, redis);
            }
            case "kafka" -> {
                var kafka = KafkaServer.start();
                kafka.createTopic(Thing.TOPIC, PARTITIONS);
                yield new Seat("kafka://" + kafka.bootstrapServers(), null, kafka);
            }
            default -> throw new IllegalArgumentException("broker " + broker + " is local, memory, redis or kafka");
        };
    }

    /** One that another process has started. */
    static Seat at(String uri) {
        return new Seat(uri, null, null);
    }

    String uri() {
        return uri;
    }

    @Nullable
    InMemoryBroker memory() {
        return memory;
    }

    /** The application's default broker. */
    Sync.Builder under(Sync.Builder builder) {
        if (memory != null) {
            return builder.broker(memory, uri);
        }
        boolean isServer = uri.startsWith("redis") || uri.startsWith("kafka");
        return builder.broker(
                "default",
                uri,
                isServer ? Map.of("topics.create", "true", "topics.partitions", PARTITIONS + "") : Map.of());
    }

    void kill() {
        if (memory != null) {
            memory.stop();
        } else if (server != null) {
            server.kill();
        } else {
            throw new IllegalStateException(uri + " cannot be killed from here");
        }
    }

    void restart() {
        if (memory != null) {
            memory.start();
        } else if (server != null) {
            server.restart();
        }
    }

    @Override
    public void close() {
        if (server != null) {
            server.close();
        }
    }
}
