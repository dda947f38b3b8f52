package dev.syncline.broker.kafka;

import dev.syncline.testkit.conformance.BrokerConformance;
import dev.syncline.testkit.conformance.BrokerFixture;
import dev.syncline.testkit.server.KafkaServer;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The suite that all adapters pass, on groups that the broker runs (KIP-848): what {@code auto} chooses on Kafka 4. */
class KafkaConformanceTest extends BrokerConformance {

    private static KafkaServer server;

    @BeforeAll
    static void start() {
        server = KafkaFixture.startServer();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Override
    protected BrokerFixture open() {
        return new KafkaFixture(server, Map.of());
    }
}
