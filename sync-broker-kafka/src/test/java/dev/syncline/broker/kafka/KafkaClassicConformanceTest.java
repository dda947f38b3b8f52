package dev.syncline.broker.kafka;

import dev.syncline.testkit.conformance.BrokerConformance;
import dev.syncline.testkit.conformance.BrokerFixture;
import dev.syncline.testkit.server.KafkaServer;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The suite on groups whose members agree among themselves: what {@code auto} chooses on brokers without KIP-848. */
class KafkaClassicConformanceTest extends BrokerConformance {

    /** Members hear of a rebalance by their heartbeats. */
    private static final Map<String, String> QUICK =
            Map.of("group.protocol", "classic", "heartbeat.interval.ms", "200", "session.timeout.ms", "6000");

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
        return new KafkaFixture(server, QUICK);
    }
}
