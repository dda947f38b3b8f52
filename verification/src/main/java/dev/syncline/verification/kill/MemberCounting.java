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

    private final Options options;
    private final Path directory;
    private final UnaryOperator<ChildJvm.Builder> start;
    private final Consumer<String> progress;

    /** As {@link Counting}. */
    MemberCounting(Options options, Path directory, UnaryOperator<ChildJvm.Builder> start, Consumer<String> progress) {
        this.options = options;
        this.directory = directory;
        this.start = start;
        this.progress = progress;
    }

    MemberReport run() {
        try (var place =
                Place.ofGroup(options.broker(), CountedApplication.PARTITIONS, CountedApplication.LEASE_OF_GROUP)) {
            String run = "s" + options.seed();
            String group = CountedApplication.name(run) + "." + Exact.ID;
            var state = place.state().orElseThrow().uri();
            return MemberRun.of((seat, life) -> start.apply(ChildJvm.of(CountedApplication.class))
                            .jvmArgs("-Xmx96m")
                            .args(
                                    place.uri(),
                                    run,
                                    directory.resolve("data-" + seat).toString())
                            .args(Integer.toString(life), Integer.toString(seat), "" + options.members(), state))
                    .members(options.members())
                    .handler(Exact.ID, Exact.LANES)
                    .handler(Moody.ID, Moody.AT_ONCE)
                    .positions(Exact.ID, () -> place.passed(group, CountedApplication.topic(run)))
                    .disturbances(options.kills())
                    .seed(options.seed())
                    .pauses(PAUSES)
                    .patience(CountedApplication.PATIENCE.plusMinutes(1))
                    .journals(directory.resolve("journals"))
                    .progress(progress)
                    .run();
        }
    }
}
