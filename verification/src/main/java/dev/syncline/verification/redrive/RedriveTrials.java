package dev.syncline.verification.redrive;

import dev.syncline.testkit.kill.Journal.Point;
import dev.syncline.testkit.kill.KillReport;
import dev.syncline.testkit.kill.KillRun;
import dev.syncline.testkit.server.ChildJvm;
import dev.syncline.verification.place.Place;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** A series of lives that are killed while they redrive, on one broker. */
final class RedriveTrials {

    private final String broker;
    private final int trials;
    private final long seed;
    private final Path directory;
    private final UnaryOperator<ChildJvm.Builder> start;
    private final Consumer<String> progress;

    /**
     * @param broker {@code local}, {@code kafka} or {@code redis}
     * @param trials how many lives are killed
     * @param directory for data and journals
     * @param start what a life is started with, beside what it needs
     * @param progress takes a line per kill and rest
     */
    RedriveTrials(
            String broker,
            int trials,
            long seed,
            Path directory,
            UnaryOperator<ChildJvm.Builder> start,
            Consumer<String> progress) {
        this.broker = broker;
        this.trials = trials;
        this.seed = seed;
        this.directory = directory;
        this.start = start;
        this.progress = progress;
    }

    Report run() {
        var story = new Story();
        var run = "s" + seed;
        try (var place = Place.named(broker, RedriveApplication.PARTITIONS)) {
            var kills = KillRun.of(life -> start.apply(ChildJvm.of(RedriveApplication.class))
                            .jvmArgs("-Xmx96m")
                            .args(place.uri(), run, directory.resolve("data").toString(), Integer.toString(life)))
                    .handler(Refusing.TILL, Refusing.AT_ONCE)
                    .handler(Refusing.SHELF, Refusing.AT_ONCE)
                    .points(Point.REMARK, Point.START, Point.EFFECT, Point.ACCEPTED)
                    .remarks(Story.ASKS, 4)
                    .kills(trials)
                    .seed(seed)
                    .patience(RedriveApplication.PATIENCE.plusMinutes(1))
                    .journals(directory.resolve("journals"))
                    .afterLife(story::take)
                    .progress(progress)
                    .run();
            story.atRest();
            return new Report(kills, story);
        }
    }

    /** What the trials have shown. */
    record Report(KillReport kills, Story story) {

        List<String> faults() {
            var all = new ArrayList<>(kills.told());
            all.addAll(story.faults());
            return all;
        }

        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%s; %s", kills.line(), story);
        }
    }
}
