package dev.syncline.verification.kill;

import dev.syncline.testkit.server.ServerProcess;
import java.util.List;
import java.util.Optional;

/** Where the application publishes to. Each run has a server of its own there. */
interface Place extends AutoCloseable {

    /** Opens one by its name: {@code local}, {@code kafka} or {@code redis}. */
    static Place named(String name) {
        return switch (name) {
            case "local" -> new LocalPlace();
            case "kafka" -> new KafkaPlace();
            case "redis" -> new RedisPlace();
            default -> throw new IllegalArgumentException("no broker " + name + ": local, kafka, redis");
        };
    }

    /** What the application is told. */
    String uri();

    /** What can be killed, paused and cut off beside the application. */
    Optional<ServerProcess> server();

    /**
     * The ids that the position of a group has gone past since the last call, as the broker tells.
     *
     * @return empty too if the broker does not answer now
     */
    List<String> passed(String group, String topic);

    @Override
    void close();
}
