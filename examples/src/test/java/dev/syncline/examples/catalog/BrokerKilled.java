package dev.syncline.examples.catalog;

import dev.syncline.testkit.server.ServerProcess;
import java.nio.file.Path;

/** The story of a broker that dies in the middle and comes back with its data, while the catalogue goes on. */
final class BrokerKilled {

    private BrokerKilled() {}

    static void on(Path directory, String uri, ServerProcess broker) {
        try (var child = Child.start(directory, uri, "--events", "10000", "--rate", "2500")) {
            child.awaitPublished(3_000);
            broker.kill();
            child.awaitPublished(6_000);
            broker.restart();
            child.assertEndsInSync(10_000);
        }
    }
}
