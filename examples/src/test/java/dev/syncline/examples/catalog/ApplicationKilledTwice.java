package dev.syncline.examples.catalog;

import java.nio.file.Path;

/** The story of an application that dies twice and finds itself again each time; the same on every broker. */
final class ApplicationKilledTwice {

    private static final String EVENTS = "10000";
    /** Slow enough to be killed on the way, fast enough that all that can lie between the rooms does. */
    private static final String RATE = "4000";

    private ApplicationKilledTwice() {}

    static void on(Path directory, String broker) {
        for (long published : new long[] {3_000, 7_000}) {
            try (var life = Child.start(directory, broker, "--events", EVENTS, "--rate", RATE)) {
                life.awaitPublished(published);
                life.kill();
            }
        }
        try (var last = Child.start(directory, broker, "--events", EVENTS)) {
            last.assertEndsInSync(10_000);
        }
    }
}
