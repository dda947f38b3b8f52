package dev.syncline.verification.kill;

import dev.syncline.testkit.server.ChildJvm;
import dev.syncline.testkit.server.SharedClasses;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Kills an application that publishes and handles, on a broker, as often as one likes, and says what was lost, repeated and
 * reordered. Exit code 0 if nothing was that must not be.
 *
 * <pre>
 * mvn -B -q -pl verification -am package -DskipTests
 * java -jar verification/target/verification.jar --broker kafka --kills 1000 --seed 7 --faults yes
 * </pre>
 */
public final class Kills {

    private Kills() {}

    public static void main(String[] arguments) throws IOException {
        if (List.of(arguments).contains("--help")) {
            System.out.print(Options.HELP);
            return;
        }
        try {
            System.exit(run(Options.parse(arguments), System.out) ? 0 : 1);
        } catch (IllegalArgumentException wrong) {
            System.err.println(wrong.getMessage());
            System.err.print(Options.HELP);
            System.exit(2);
        }
    }

    /** Returns whether all was well. */
    private static boolean run(Options options, PrintStream out) throws IOException {
        var directory = options.directory().toString().isEmpty()
                ? Files.createTempDirectory("syncline-kills-")
                : Files.createDirectories(options.directory());
        out.println(options.again() + ", data and journals in " + directory);
        var classes = SharedClasses.ofTests("counted-" + options.broker());
        boolean isWell = false;
        try {
            isWell = options.members() > 1
                    ? isGroupWell(options, directory, life -> life.classes(classes), out)
                    : isWell(options, directory, life -> life.classes(classes), out);
        } finally {
            if (isWell) {
                delete(directory);
            } else {
                out.println("kept: " + directory + "; again: Kills " + options.again());
            }
        }
        return isWell;
    }

    private static boolean isWell(
            Options options, Path directory, UnaryOperator<ChildJvm.Builder> start, PrintStream out) {
        var counting = new Counting(options, directory, start, out::println);
        var report = counting.run();
        out.print(report.table());
        if (options.hasFaults()) {
            out.println("broker: " + counting.brokerFaults());
        }
        return report.faults().isEmpty();
    }

    private static boolean isGroupWell(
            Options options, Path directory, UnaryOperator<ChildJvm.Builder> start, PrintStream out) {
        var counting = new MemberCounting(options, directory, start, out::println);
        var report = counting.run();
        out.print(report.table());
        if (options.hasFaults()) {
            out.println("servers: " + counting.serverFaults());
        }
        return report.faults().isEmpty();
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
