package dev.syncline.verification.kill;

import dev.syncline.testkit.kill.KillReport;
import dev.syncline.testkit.kill.KillRun;
import dev.syncline.testkit.server.ChildJvm;
import dev.syncline.verification.place.Place;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** One series of kills on one broker. */
final class Counting {

    private final Options options;
    private final Path directory;
    private final UnaryOperator<ChildJvm.Builder> start;
    private final Consumer<String> progress;
    private String brokerFaults = "";

    /**
     * @param directory for data and journals
     * @param start what a life is started with, beside what it needs
     * @param progress takes a line per kill and rest
     */
    Counting(Options options, Path directory, UnaryOperator<ChildJvm.Builder> start, Consumer<String> progress) {
        this.options = options;
        this.directory = directory;
        this.start = start;
        this.progress = progress;
    }

    KillReport run() {
        try (var place = Place.named(options.broker(), CountedApplication.PARTITIONS)) {
            if (!options.hasFaults()) {
                return kills(place).run();
            }
            var faults = new BrokerFaults(place.servers(), options.seed());
            faults.begin();
            try {
                return kills(place)
                        .beforeRest(faults::heal)
                        .afterRest(faults::begin)
                        .run();
            } finally {
                faults.heal();
                brokerFaults = faults.toString();
            }
        }
    }

    private KillRun.Builder kills(Place place) {
        // Its own names on the broker, so that the logs of several runs can be told apart.
        String run = "s" + options.seed();
        String group = CountedApplication.name(run) + "." + Exact.ID;
        return KillRun.of(life -> start.apply(ChildJvm.of(CountedApplication.class))
                        .jvmArgs("-Xmx96m")
                        .args(
                                place.uri(),
                                run,
                                directory.resolve("data").toString(),
                                Integer.toString(life),
                                Integer.toString(options.rate())))
                .handler(Exact.ID, Exact.LANES)
                .handler(Moody.ID, Moody.AT_ONCE)
                .kills(options.kills())
                .seed(options.seed())
                .patience(CountedApplication.PATIENCE.plusMinutes(1))
                .journals(directory.resolve("journals"))
                .afterKill(
                        oracle -> oracle.positionPassed(Exact.ID, place.passed(group, CountedApplication.topic(run))))
                .progress(progress);
    }

    /** What was done to the broker; empty if nothing was. */
    String brokerFaults() {
        return brokerFaults;
    }
}
