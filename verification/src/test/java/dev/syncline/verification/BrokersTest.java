package dev.syncline.verification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.api.Outcome;
import dev.syncline.runtime.Sync;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** This module stands on all brokers that there are: what it counts, it counts on each. */
class BrokersTest {

    @ParameterizedTest
    @ValueSource(strings = {"local:", "kafka://127.0.0.1:9", "redis://127.0.0.1:9"})
    void everyBrokerIsFoundByItsScheme(String uri, @TempDir Path directory) {
        var sync = Sync.builder("everything")
                .broker(uri)
                .dataDirectory(directory)
                .handler("all", "catalog.product.*", (event, delivery) -> Outcome.done())
                .build();

        assertThat(sync.describe()).contains("catalog.product");
    }
}
