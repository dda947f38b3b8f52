package dev.syncline.verification.kill;

import dev.syncline.testkit.kill.MemberReport;
import dev.syncline.testkit.kill.MemberRun;
import dev.syncline.testkit.server.ChildJvm;
import dev.syncline.verification.place.Place;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** One series of disturbances of several instances that share their state, on one broker. */
final class MemberCounting {

    /** Longer than a lease, or session. */
    private static final Duration PAUSES = CountedApplication.LEASE_OF_GROUP.plusMillis(1_500);

    /** Until all is worked off; under faults of its servers sooner, since they leave much more to work off. */
    private static final int DISTURBANCES = 25;

    private static final int DISTURBANCES_UNDER_FAULTS = 4;

    private final Options options;
    private final Path directory;
    private final UnaryOperator<ChildJvm.Builder> start;
    private final Consumer<String> progress;
    private String serverFaults = "";

    /** As {@link Counting}. */
    MemberCounting(Options options, Path directory, UnaryOperator<ChildJvm.Builder> start, Consumer<String> progress) {
        this.options = options;
        this.directory = directory;
        this.start = start;
        this.progress = progress;
    }

    MemberReport run() {
        try (var place = Place.ofGroup(
                options.broker(),
                CountedApplication.PARTITIONS,
                CountedApplication.LEASE_OF_GROUP,
                options.hasFaults())) {
            if (!options.hasFaults()) {
                return disturbances(place).run();
            }
            var faults = new BrokerFaults(place.servers(), options.seed());
            faults.begin();
            try {
                return disturbances(place)
                        .beforeRest(faults::heal)
                        .afterRest(faults::begin)
                        .run();
            } finally {
                faults.heal();
                serverFaults = faults.toString();
            }
        }
    }

    private MemberRun.Builder disturbances(Place place) {
        String run = "s" + options.seed();
        String group = CountedApplication.name(run) + "." + Exact.ID;
        var state = place.state().orElseThrow().uri();
        int rate = options.hasFaults()
                ? CountedApplication.EVENTS_PER_SECOND_FORCED
                : CountedApplication.EVENTS_PER_SECOND_OF_GROUP;
        var ofEach = Integer.toString(rate / options.members());
        return MemberRun.of((seat, life) -> start.apply(ChildJvm.of(CountedApplication.class))
                        .jvmArgs("-Xmx96m")
                        .args(
                                place.uri(),
                                run,
                                directory.resolve("data-" + seat).toString())
                        .args(Integer.toString(life), Integer.toString(seat), "" + options.members(), state, ofEach))
                .members(options.members())
                .handler(Exact.ID, Exact.LANES)
                .handler(Moody.ID, Moody.AT_ONCE)
                .positions(Exact.ID, () -> place.passed(group, CountedApplication.topic(run)))
                .disturbances(options.kills())
                .restEvery(options.hasFaults() ? DISTURBANCES_UNDER_FAULTS : DISTURBANCES)
                .seed(options.seed())
                .pauses(PAUSES)
                .patience(CountedApplication.PATIENCE.plusMinutes(1))
                .journals(directory.resolve("journals"))
                .progress(progress);
    }

    /** What was done to the broker and to the store of the state; empty if nothing was. */
    String serverFaults() {
        return serverFaults;
    }
}
