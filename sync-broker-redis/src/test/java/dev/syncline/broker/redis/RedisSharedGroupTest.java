package dev.syncline.broker.redis;

import dev.syncline.runtime.Sync;
import dev.syncline.testkit.conformance.SharedGroupConformance;
import dev.syncline.testkit.server.RealRedis;
import dev.syncline.testkit.server.RedisServer;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Several instances of one application on Redis Streams, their state in another Redis. */
class RedisSharedGroupTest extends SharedGroupConformance {

    @RealRedis
    static RedisServer broker;

    private static RedisServer state;

    @BeforeAll
    static void startState() {
        state = RedisServer.start();
    }

    @AfterAll
    static void stopState() {
        state.close();
    }

    @Override
    protected Sync.Builder onServers(Sync.Builder member, String topic) {
        var ofBroker =
                Map.of("topics.create", "true", "topics.partitions", String.valueOf(PARTITIONS), "lease.time", "1s");
        return member.broker("default", broker.uri(), ofBroker)
                .state(state.uri(), Map.of("command.timeout", "1s", "connect.timeout", "1s"));
    }

    @Override
    protected void takeStateAway() {
        state.kill();
    }

    @Override
    protected void bringStateBack() {
        state.restart();
    }
}
