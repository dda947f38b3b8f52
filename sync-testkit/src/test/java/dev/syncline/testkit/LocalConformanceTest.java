package dev.syncline.testkit;

import dev.syncline.testkit.conformance.BrokerConformance;
import dev.syncline.testkit.conformance.BrokerFixture;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The embedded broker shows the behaviours that every broker shows. */
class LocalConformanceTest extends BrokerConformance {

    @TempDir
    private Path directory;

    @Override
    protected BrokerFixture open() {
        return new LocalFixture(directory);
    }
}
