package dev.syncline.testkit.kill;

import dev.syncline.testkit.kill.Journal.Point;
import dev.syncline.testkit.kill.KillPoint.Line;
import dev.syncline.testkit.server.ChildJvm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/**
 * Kills an application by SIGKILL, again and again, and counts what it has lost, repeated and reordered.
 *
 * <pre>{@code
 * KillReport report = KillRun.of(life -> ChildJvm.of(ShopMain.class).args(data.toString()))
 *         .handler("shop", 4)          // four lanes: so many effects may be repeated after a crash
 *         .kills(30)
 *         .seed(7)
 *         .run();
 * assertThat(report.faults()).isEmpty();
 * }</pre>
 *
 * <p>All lives of the application have the same data. Each publishes and handles, and writes down what it does with a
 * {@link Journal}. When it is killed is drawn from the seed: some time after its start or after its first call of a handler, or
 * at the so-manieth line of some kind, in half of these cases with the thread that wrote it standing still behind it. Now and
 * then, early in a long run, and after the last kill, comes a life that is not killed: {@link Journal#isLastLife()} tells the application to publish
 * nothing, to work everything off, to say {@link Journal#atRest()} and to end. Then nothing may be missing any more.
 *
 * <p>The same seed gives the same times and points; what is on its way at that moment is up to the machine.
 *
 * <p>Threading: one thread.
 */
public final class KillRun {

    private final Builder options;
    private final KillOracle oracle;
    private final Random random;
    private final Map<String, Integer> killsByPoint = new TreeMap<>();
    private final List<Duration> restarts = new ArrayList<>();
    private int life;
    private int kills;
    private int killsAtWork;
    private int rests;
    private final Journals journals;

    private KillRun(Builder options) {
        this.options = options;
        this.oracle = new KillOracle(options.handlers);
        this.random = new Random(options.seed);
        this.journals = new Journals(options.journals);
    }

    /**
     * Names the application.
     *
     * @param lives what to start for a life, by its number, from 1
     */
    public static Builder of(IntFunction<ChildJvm.Builder> lives) {
        return new Builder(lives);
    }

    private KillReport run() {
        while (kills < options.kills) {
            kill(KillPoint.next(random, options.lines));
            boolean isLongRun = options.kills > options.restEvery;
            if (kills % options.restEvery == 0 || kills == options.kills || (isLongRun && kills == 1)) {
                rest();
            }
            if (!oracle.faults().isEmpty()) {
                break; // what follows from a fault tells nothing new
            }
        }
        return report();
    }

    private void kill(KillPoint point) {
        life++;
        oracle.begin(life);
        long start = System.nanoTime();
        ChildJvm.Builder application = options.lives.apply(life);
        if (point instanceof KillPoint.AtLine at && at.isStanding()) {
            application.environment(Journal.STAND, at.count() + "#" + at.line().prefix());
        }
        List<String> lines;
        try (ChildJvm child = application.start()) {
            try {
                await(child, point);
            } finally {
                child.kill();
                lines = child.lines();
                journals.keep("life-" + life, lines, child);
            }
        }
        kills++;
        killsByPoint.merge(point.label(), 1, Integer::sum);
        take(lines, start);
        boolean wasAtWork = oracle.end();
        killsAtWork += wasAtWork ? 1 : 0;
        options.afterKill.accept(oracle);
        options.progress.accept("kill " + kills + " of " + options.kills + ": " + point
                + (wasAtWork ? "" : ", not at work")
                + Journals.first(lines, "@", start)
                        .map(up -> ", up after " + up.toMillis() + " ms")
                        .orElse("")
                + Journals.first(lines, Point.START.prefix(), start)
                        .map(call -> ", first call after " + call.toMillis() + " ms")
                        .orElse("")
                + ", " + lines.size() + " lines");
    }

    /** Returns when the moment has come. */
    private void await(ChildJvm child, KillPoint point) {
        if (point instanceof KillPoint.AfterStart time) {
            Children.pass(time.delay(), List.of(child));
        } else if (point instanceof KillPoint.AtWork time) {
            child.awaitLine(line -> line.startsWith(Point.START.prefix()), options.patience);
            Children.pass(time.delay(), List.of(child));
        } else if (point instanceof KillPoint.AtLine at) {
            String prefix = at.line().prefix();
            for (int i = 0; i < at.count(); i++) {
                child.awaitLine(said -> said.startsWith(prefix), options.patience);
            }
        } else {
            throw new AssertionError(point);
        }
    }

    /** A life that is not killed and finds everything at rest. */
    private void rest() {
        options.beforeRest.run();
        life++;
        oracle.begin(life);
        long start = System.nanoTime();
        List<String> lines;
        try (ChildJvm child =
                options.lives.apply(life).environment(Journal.LAST, "true").start()) {
            try {
                Children.awaitRest(child, options.patience);
                Children.awaitEnd(child, options.patience);
            } finally {
                child.kill();
                lines = child.lines();
                journals.keep("life-" + life, lines, child);
            }
        }
        take(lines, start);
        oracle.end();
        oracle.atRest();
        rests++;
        options.progress.accept(report().line());
        if (oracle.faults().isEmpty()) {
            journals.forget();
        }
        options.afterRest.run();
    }

    private void take(List<String> lines, long startNanos) {
        lines.forEach(oracle::take);
        options.afterLife.accept(lines);
        if (life > 1) {
            Journals.first(lines, Point.START.prefix(), startNanos).ifPresent(restarts::add);
        }
    }

    private KillReport report() {
        return KillReport.of(options.seed, kills, killsAtWork, killsByPoint, rests, restarts, oracle);
    }

    /** Whom to kill, and how often. Not thread-safe. */
    public static final class Builder extends RunOptions<Builder> {

        private final IntFunction<ChildJvm.Builder> lives;
        private int kills = 30;
        private List<Line> lines = lines(Point.INTENT, Point.ACCEPTED, Point.START, Point.EFFECT, Point.END);
        private Consumer<List<String>> afterLife = lines -> {};
        private Consumer<KillOracle> afterKill = oracle -> {};
        private Runnable beforeRest = () -> {};

        private Builder(IntFunction<ChildJvm.Builder> lives) {
            super(50, Duration.ofSeconds(60));
            this.lives = lives;
        }

        @Override
        Builder self() {
            return this;
        }

        /** How often to kill. Default: 30. */
        public Builder kills(int number) {
            kills = number;
            return this;
        }

        /**
         * At which kinds of line lives are made to end, where they are not ended by time. Each must come often. Default: those
         * that every application writes.
         */
        public Builder points(Point... kinds) {
            lines = lines(kinds);
            return this;
        }

        /**
         * At remarks, too, that begin with that word, so many times as often as at each of the other kinds.
         *
         * @see Journal#remark
         */
        public Builder remarks(String word, int times) {
            lines = Stream.concat(lines.stream(), Collections.nCopies(times, new Line(Point.REMARK, word)).stream())
                    .toList();
            return this;
        }

        private static List<Line> lines(Point... kinds) {
            return Stream.of(kinds).map(kind -> new Line(kind, "")).toList();
        }

        /** Takes all lines of each life when it has ended: for those that the application writes for itself. */
        public Builder afterLife(Consumer<List<String>> reader) {
            afterLife = reader;
            return this;
        }

        /** Called after each kill, when the journal was read, with the oracle: to compare what a broker says. */
        public Builder afterKill(Consumer<KillOracle> check) {
            afterKill = check;
            return this;
        }

        /** Called before each life that works everything off: heals what the test has broken. */
        public Builder beforeRest(Runnable healing) {
            beforeRest = healing;
            return this;
        }

        /**
         * Kills, and returns what was counted; earlier than asked for once there was a fault.
         *
         * @throws RuntimeException if the application ended by itself, did not get to work, or could not work everything off;
         *     the message quotes its last lines and its standard error, and the journals are kept
         */
        public KillReport run() {
            requireHandlers();
            if (restEvery < 1 || kills < 1) {
                throw new IllegalArgumentException("at least 1 kill, and at least 1 before a rest");
            }
            return new KillRun(this).run();
        }
    }
}
