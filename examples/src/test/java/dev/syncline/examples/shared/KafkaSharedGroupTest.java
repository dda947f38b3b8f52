package dev.syncline.examples.shared;

import dev.syncline.runtime.Sync;
import dev.syncline.testkit.conformance.SharedGroupConformance;
import dev.syncline.testkit.server.KafkaServer;
import dev.syncline.testkit.server.RealKafka;
import dev.syncline.testkit.server.RedisServer;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Several instances of one application on Kafka, their state in a Redis. */
class KafkaSharedGroupTest extends SharedGroupConformance {

    @RealKafka
    static KafkaServer broker;

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
        var ofBroker = Map.of("topics.create", "true", "topics.partitions", String.valueOf(PARTITIONS));
        return member.broker("default", "kafka://" + broker.bootstrapServers(), ofBroker)
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
