package dev.syncline.broker.kafka;

import dev.syncline.spi.BrokerAddress;
import dev.syncline.spi.LogStore;
import dev.syncline.spi.StateContext;
import dev.syncline.testkit.conformance.LogConformance;
import dev.syncline.testkit.server.KafkaServer;
import dev.syncline.testkit.server.RealKafka;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;

/** What every store of parked events does, on a real Kafka. */
@StartsThreads
class KafkaLogConformanceTest extends LogConformance {

    @RealKafka
    static KafkaServer server;

    @Override
    protected LogStore open(String application) {
        return open(server, application, Map.of());
    }

    static LogStore open(KafkaServer server, String application, Map<String, String> more) {
        var options = new HashMap<String, Object>(Map.of("topics.create", "true"));
        options.putAll(more);
        var address = BrokerAddress.parse("kafka://" + server.bootstrapServers());
        return new KafkaLogProvider().openLogs(new StateContext(application, address, options, InstantSource.system()));
    }
}
