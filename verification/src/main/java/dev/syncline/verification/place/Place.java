package dev.syncline.verification.place;

import dev.syncline.testkit.server.RedisServer;
import dev.syncline.testkit.server.ServerProcess;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Where an application publishes to. Each run has servers of its own there. */
public interface Place extends AutoCloseable {

    /**
     * Opens one for an application of one instance.
     *
     * @param name {@code local}, {@code kafka} or {@code redis}
     * @param partitions of each topic that will be asked for
     */
    static Place named(String name, int partitions) {
        return switch (name) {
            case "local" -> new LocalPlace();
            case "kafka" -> KafkaPlace.ofOne();
            case "redis" -> RedisPlace.forced(partitions);
            default -> throw new IllegalArgumentException("no broker " + name + ": local, kafka, redis");
        };
    }

    /**
     * Opens one for an application of several instances, with a Redis for their state.
     *
     * @param name {@code kafka} or {@code redis}
     * @param partitions of each topic that will be asked for
     * @param session how long Kafka waits for who says nothing any more; on Redis the application says so itself
     * @param isKilled whether its servers are going to be killed: then they keep what they have confirmed
     */
    static Place ofGroup(String name, int partitions, Duration session, boolean isKilled) {
        return switch (name) {
            case "kafka" -> KafkaPlace.ofGroup(session, isKilled);
            case "redis" -> isKilled ? RedisPlace.forced(partitions) : RedisPlace.ofGroup(partitions);
            default -> throw new IllegalArgumentException("no broker for several instances " + name + ": kafka, redis");
        };
    }

    /** What the application is told. */
    String uri();

    /** What can be killed, paused and cut off beside the application. */
    List<ServerProcess> servers();

    /** Where instances share their state; empty if there is no such place. */
    Optional<RedisServer> state();

    /**
     * The ids that the position of a group has gone past since the last call, as the broker tells.
     *
     * @return empty too if the broker does not answer now
     */
    List<String> passed(String group, String topic);

    /** All that lies in a topic, partition by partition, each in its order. Empty for {@code local:}, which ships nothing. */
    List<Shipped> shipped(String topic);

    @Override
    void close();
}
