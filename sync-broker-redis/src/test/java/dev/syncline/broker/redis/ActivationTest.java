package dev.syncline.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.testkit.server.RealRedis;
import dev.syncline.testkit.server.RedisServer;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import org.junit.jupiter.api.Test;

/** A connection counts as open when it takes commands, which is not always when the client says that it is. */
class ActivationTest {

    private final Activation activation = new Activation();

    @Test
    void connectionIsWaitedForUntilItTakesCommands(@RealRedis RedisServer redis) {
        var client = RedisClient.create(redis.uri());
        try (client;
                var other = client.connect()) {
            var waiting = activation.of(other);
            assertThat(waiting).isNotDone();

            activation.onRedisConnected((RedisChannelHandler<?, ?>) other, null);

            assertThat(waiting).isCompleted();
        }
    }

    @Test
    void connectionThatTookCommandsBeforeIsNotWaitedFor(@RealRedis RedisServer redis) {
        var client = RedisClient.create(redis.uri());
        client.addListener(activation);
        try (client;
                var connection = client.connect()) {
            assertThat(activation.of(connection)).succeedsWithin(Reader.PATIENCE);
        }
    }
}
