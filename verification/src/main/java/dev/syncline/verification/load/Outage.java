package dev.syncline.verification.load;

import dev.syncline.testkit.server.ChildJvm;
import java.time.Duration;
import java.util.Map;

/**
 * What becomes of an application whose broker is away for a long time (S24, L1)? The application runs in a child with a
 * small heap: it finds out how much it can carry, goes on publishing at {@code rate} while the broker is killed for
 * {@code away}, and then must come back to where it was, still publishing.
 *
 * <p>Figures: heap after collections during the outage, outbox on disk, time from the broker's start to the first event
 * applied (Redis and Kafka start anew, so their own start is not counted) and to the last one of the backlog, and how
 * many were applied a second meanwhile, beside what was carried before.
 *
 * <p>Durability: outbox {@code PROCESS}, see {@link Seat} for the servers. Messages of the in-memory broker are dropped
 * once they were acknowledged, or its heap would be what is measured.
 */
public final class Outage {

    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private Outage() {}

    /** See the class. */
    public static void main(String[] arguments) {
        var options = Options.of(
                arguments,
                Map.of(
                        "brokers", "memory,redis,kafka",
                        "away", "10m",
                        "rate", "5000",
                        "steady", "20s",
                        "keys", "1000",
                        "heap", "128m"));
        Figures.begin("Outage: the broker is away while the application publishes", options);
        for (var broker : options.text("brokers").split(",", 0)) {
            run(broker, options);
        }
        Figures.line("%s at the end", Figures.load());
    }

    private static void run(String broker, Options options) {
        Figures.line("%s:", broker);
        boolean isServer = !broker.equals("memory");
        try (var scratch = new Scratch();
                var seat = isServer ? Seat.of(broker) : Seat.at("memory");
                var child = ChildJvm.of(OutageApplication.class)
                        .jvmArgs("-Xmx" + options.text("heap"), "-XX:TieredStopAtLevel=4")
                        .args(
                                seat.uri(),
                                scratch.path().toString(),
                                options.text("away"),
                                options.text("rate"),
                                options.text("steady"),
                                options.text("keys"))
                        .start()) {
            follow(child, "kill the broker", options);
            if (isServer) {
                seat.kill();
            }
            child.send("it is gone");
            follow(child, "start the broker", options);
            if (isServer) {
                seat.restart();
            }
            child.send("it is back");
            follow(child, "the end", options);
            if (child.awaitExit(Duration.ofMinutes(1)) != 0) {
                throw new IllegalStateException("the application failed: " + child.errors());
            }
        }
    }

    /** Shows what the child says until it says this. */
    private static void follow(ChildJvm child, String until, Options options) {
        var patience = PATIENCE.plus(options.duration("away").multipliedBy(3));
        for (var line = ""; !line.equals(until); ) {
            line = child.awaitLine(any -> true, patience);
            if (line.startsWith("  ")) {
                Figures.line("%s", line);
            }
        }
    }
}
