package dev.syncline.verification.members;

import dev.syncline.testkit.server.SharedClasses;
import dev.syncline.verification.load.Options;
import dev.syncline.verification.load.Scratch;
import java.io.IOException;
import java.util.Map;

/**
 * Stops instances of an application for longer than their session or lease lasts, lets another take over, wakes them, and
 * counts what they have still done. Exit code 0 if nothing was that must not be.
 *
 * <pre>
 * mvn -B -q -pl verification -am package -DskipTests
 * java -cp verification/target/verification.jar dev.syncline.verification.members.Zombies broker=redis trials=200 seed=1
 * </pre>
 */
public final class Zombies {

    private Zombies() {}

    public static void main(String[] arguments) throws IOException {
        var options = Options.of(arguments, Map.of("broker", "redis", "trials", "20", "seed", "1"));
        var broker = options.text("broker");
        var classes = SharedClasses.ofTests("zombies-" + broker);
        boolean isWell;
        try (var scratch = new Scratch();
                var trials = new ZombieTrials(
                        broker,
                        options.number("seed"),
                        scratch.path(),
                        child -> child.classes(classes).jvmArgs("-Xmx96m"),
                        line -> System.out.println(line))) {
            var report = trials.run(options.number("trials"));
            System.out.println(options + ": " + report);
            report.held().told().forEach(System.out::println);
            report.quick().told().forEach(System.out::println);
            isWell = report.isWell();
        }
        System.exit(isWell ? 0 : 1);
    }
}
