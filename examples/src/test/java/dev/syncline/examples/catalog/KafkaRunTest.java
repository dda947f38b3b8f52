package dev.syncline.examples.catalog;

import dev.syncline.testkit.server.KafkaServer;
import dev.syncline.testkit.server.RealKafka;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaRunTest {

    @TempDir
    Path directory;

    @Test
    void theApplicationKilledTwiceEndsInSync(@RealKafka(exclusive = true) KafkaServer kafka) {
        ApplicationKilledTwice.on(directory, "kafka://" + kafka.bootstrapServers());
    }

    @Test
    void theBrokerKilledInTheMiddleEndsInSync(@RealKafka(exclusive = true) KafkaServer kafka) {
        BrokerKilled.on(directory, "kafka://" + kafka.bootstrapServers(), kafka);
    }
}
