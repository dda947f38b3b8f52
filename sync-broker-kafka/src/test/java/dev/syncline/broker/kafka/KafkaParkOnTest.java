package dev.syncline.broker.kafka;

import dev.syncline.runtime.Sync;
import dev.syncline.spi.LogStore;
import dev.syncline.testkit.conformance.ParkOnConformance;
import dev.syncline.testkit.server.KafkaServer;
import dev.syncline.testkit.server.RealKafka;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;

/** Parking on topics of a real Kafka, which is killed and comes back. */
@StartsThreads
class KafkaParkOnTest extends ParkOnConformance {

    @RealKafka(exclusive = true)
    static KafkaServer server;

    @Override
    protected Sync.Builder parkOn(Sync.Builder application) {
        return application.parkOn("kafka://" + server.bootstrapServers(), Map.of("topics.create", "true"));
    }

    @Override
    protected LogStore open(String application) {
        return KafkaLogConformanceTest.open(server, application, Map.of());
    }

    @Override
    protected void takeAway() {
        server.kill();
    }

    @Override
    protected void bringBack() {
        server.restart();
    }

    @AfterEach
    void isThere() {
        if (!server.isRunning()) {
            server.restart();
        }
    }
}
