package dev.syncline.verification.relay;

import dev.syncline.testkit.server.SharedClasses;
import dev.syncline.verification.load.Options;
import dev.syncline.verification.load.Scratch;
import java.util.Map;

/**
 * Kills the process that holds a data directory while others want it, again and again, and looks at the broker for traces of
 * two relays at once (S14). Exit code 0 if there are none.
 *
 * <pre>
 * mvn -B -q -pl verification -am package -DskipTests
 * java -cp verification/target/verification.jar dev.syncline.verification.relay.Takeovers broker=redis kills=200 seed=1
 * </pre>
 */
public final class Takeovers {

    private Takeovers() {}

    public static void main(String[] arguments) {
        var options = Options.of(arguments, Map.of("broker", "redis", "kills", "20", "seed", "1"));
        var broker = options.text("broker");
        var classes = SharedClasses.ofTests("takeovers-" + broker);
        boolean isWell;
        try (var scratch = new Scratch();
                var trials = new TakeoverTrials(
                        broker,
                        options.number("seed"),
                        scratch.path().resolve("data"),
                        child -> child.classes(classes),
                        line -> System.out.println(line))) {
            var report = trials.run(options.number("kills"));
            System.out.println(options + ": " + report);
            report.faults().forEach(System.out::println);
            isWell = report.faults().isEmpty();
        }
        System.exit(isWell ? 0 : 1);
    }
}
