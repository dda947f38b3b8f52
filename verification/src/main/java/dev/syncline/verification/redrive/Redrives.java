package dev.syncline.verification.redrive;

import dev.syncline.testkit.server.SharedClasses;
import dev.syncline.verification.load.Options;
import dev.syncline.verification.load.Scratch;
import java.util.Map;

/**
 * Kills an application while two threads hand its dead letters in again, by letter, by key, by handler and all at once, and
 * events of the same keys keep coming, most of them when a key drains. Says what came out of order, twice, or not at all
 * (S12). Exit code 0 if nothing did.
 *
 * <pre>
 * mvn -B -q -pl verification -am package -DskipTests
 * java -cp verification/target/verification.jar dev.syncline.verification.redrive.Redrives broker=local trials=500 seed=1
 * </pre>
 */
public final class Redrives {

    private Redrives() {}

    public static void main(String[] arguments) {
        var options = Options.of(arguments, Map.of("broker", "local", "trials", "50", "seed", "1"));
        var broker = options.text("broker");
        var classes = SharedClasses.ofTests("redrives-" + broker);
        boolean isWell;
        try (var scratch = new Scratch()) {
            var report = new RedriveTrials(
                            broker,
                            options.number("trials"),
                            options.number("seed"),
                            scratch.path(),
                            child -> child.classes(classes),
                            line -> System.out.println(line))
                    .run();
            System.out.println(options + ": " + report);
            System.out.print(report.kills().table());
            report.story().faults().forEach(System.out::println);
            isWell = report.faults().isEmpty();
        }
        System.exit(isWell ? 0 : 1);
    }
}
