package dev.syncline.testkit.kill;

import dev.syncline.testkit.kill.Journal.Point;
import dev.syncline.testkit.server.ChildJvm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Kills, stops, ends and starts instances of one application that share their state, and counts what the group has lost,
 * repeated and reordered. As {@link KillRun}, for several processes at a time.
 *
 * <pre>{@code
 * MemberReport report = MemberRun.of((member, life) -> ChildJvm.of(ShopMain.class).args(member + "", data.toString()))
 *         .members(3)
 *         .handler("shop", 4)
 *         .pauses(Duration.ofSeconds(3))     // longer than the lease, or session, of this group
 *         .disturbances(30)
 *         .seed(7)
 *         .run();
 * assertThat(report.faults()).isEmpty();
 * }</pre>
 *
 * <p>Each instance has a seat, with data of its own; lives are numbered over all seats. Each keeps a {@link Journal}, publishes
 * events of keys that no other seat publishes, and ends as it should, with exit code 0, when it reads {@code leave} from its
 * standard input. Now and then all leave, or are killed; then lives of all seats, the first one last, work everything off
 * ({@link Journal#isLastLife()}), and nothing may be missing any more.
 *
 * <p>Threading: one thread.
 */
public final class MemberRun {

    /** What runs for a life of a seat. */
    @FunctionalInterface
    public interface Lives {

        /**
         * What to start.
         *
         * @param member the seat, from 0
         * @param life from 1, over all seats
         */
        ChildJvm.Builder of(int member, int life);
    }

    /** An instance that lives. */
    private record Member(int seat, int life, long startNanos, ChildJvm child) {}

    private final Builder options;
    private final KillOracle oracle;
    private final Random random;
    private final Journals journals;
    private final Timeline timeline = new Timeline();
    private final Map<Integer, Member> living = new TreeMap<>();
    private final Map<Disturbance, Integer> done = new EnumMap<>(Disturbance.class);
    private final List<Duration> starts = new ArrayList<>();
    private int life;
    private int disturbances;
    private int joins;
    private int kills;
    private int killsAtWork;
    private int rests;
    private int outages;

    private MemberRun(Builder options) {
        this.options = options;
        this.oracle = new KillOracle(options.handlers);
        this.random = new Random(options.seed);
        this.journals = new Journals(options.journals);
    }

    /** Names the application. */
    public static Builder of(Lives lives) {
        return new Builder(lives);
    }

    private MemberReport run() {
        try {
            while (disturbances < options.disturbances && oracle.faults().isEmpty()) {
                takeSeats();
                disturb();
                if (disturbances % options.restEvery == 0 || disturbances == options.disturbances) {
                    rest();
                }
            }
            return report();
        } finally {
            List.copyOf(living.values()).forEach(this::kill);
        }
    }

    /** Free seats are taken, most of them at once, so that at times the group is smaller. */
    private void takeSeats() {
        for (int seat = 0; seat < options.members; seat++) {
            if (!living.containsKey(seat) && (living.isEmpty() || random.nextInt(4) > 0)) {
                joins += living.isEmpty() ? 0 : 1;
                start(seat, false);
            }
        }
    }

    private void start(int seat, boolean isLast) {
        life++;
        long now = System.nanoTime();
        timeline.begins(life, now);
        ChildJvm.Builder application = options.lives.of(seat, life);
        if (isLast) {
            application.environment(Journal.LAST, "true");
        }
        living.put(seat, new Member(seat, life, now, application.start()));
    }

    private void disturb() {
        List<Member> members = List.copyOf(living.values());
        Member victim = members.get(random.nextInt(members.size()));
        Disturbance next = Disturbance.next(random);
        // Most are hit at work, some while they start or wait for a share of the partitions.
        if (random.nextInt(5) > 0) {
            victim.child.skipLines();
            victim.child.awaitLine(line -> line.startsWith(Point.START.prefix()), options.patience);
        }
        pass(Duration.ofMillis(Math.round(20 * Math.pow(150, random.nextDouble()))));
        switch (next) {
            case KILL_ONE -> kill(victim);
            case KILL_ALL -> List.copyOf(living.values()).forEach(this::kill);
            case LEAVE -> leave(victim);
            case PAUSE -> pause(victim);
            default -> throw new AssertionError(next);
        }
        disturbances++;
        done.merge(next, 1, Integer::sum);
        options.positions.forEach((handler, passed) -> timeline.passed(handler, passed.get(), System.nanoTime()));
        options.progress.accept(disturbances + " of " + options.disturbances + ": " + next + ", seat " + victim.seat
                + " in life " + victim.life + "; " + living.size() + " live");
    }

    private void kill(Member member) {
        member.child.kill();
        timeline.killed(member.life, System.nanoTime());
        kills++;
        isGone(member);
    }

    private void leave(Member member) {
        member.child.send("leave");
        awaitEnd(member);
    }

    private void awaitEnd(Member member) {
        Children.awaitEnd(member.child, options.patience);
        timeline.left(member.life, System.nanoTime());
        isGone(member);
    }

    private void isGone(Member member) {
        living.remove(member.seat);
        List<String> lines = member.child.lines();
        timeline.wrote(member.life, lines);
        journals.keep("seat-" + member.seat + "-life-" + member.life, lines, member.child);
        Journals.first(lines, Point.START.prefix(), member.startNanos).ifPresent(starts::add);
        member.child.close();
    }

    /** Others take over meanwhile, if there are others; one of them may be killed as well. */
    private void pause(Member member) {
        member.child.pause();
        timeline.paused(member.life, System.nanoTime());
        long millis = options.pauses.toMillis();
        pass(Duration.ofMillis(millis + random.nextInt(Math.toIntExact(millis))));
        if (random.nextInt(5) == 0) {
            living.values().stream()
                    .filter(other -> other.seat != member.seat)
                    .findFirst()
                    .ifPresent(this::kill);
        }
        member.child.resume();
    }

    private void pass(Duration time) {
        Children.pass(time, living.values().stream().map(Member::child).toList());
    }

    /**
     * Lives that end by themselves and find everything at rest. The first seat comes when the others have gone: they have
     * shipped what they had, and it has all partitions.
     */
    private void rest() {
        var away = options.beforeRest.get();
        away.forEach(timeline::away);
        outages += away.size();
        boolean areKilled = random.nextBoolean();
        List.copyOf(living.values()).forEach(areKilled ? this::kill : this::leave);
        for (int seat = 1; seat < options.members; seat++) {
            start(seat, true);
        }
        List.copyOf(living.values()).forEach(this::awaitRest);
        start(0, true);
        List.copyOf(living.values()).forEach(this::awaitRest);

        options.positions.forEach((handler, passed) -> timeline.passed(handler, passed.get(), System.nanoTime()));
        killsAtWork += timeline.tell(oracle);
        oracle.atRest();
        rests++;
        options.progress.accept(report().line());
        if (oracle.faults().isEmpty()) {
            journals.forget();
        }
        options.afterRest.run();
    }

    private void awaitRest(Member member) {
        Children.awaitRest(member.child, options.patience);
        awaitEnd(member);
    }

    private MemberReport report() {
        var counts = KillReport.of(options.seed, kills, killsAtWork, Map.of(), rests, starts, oracle);
        return new MemberReport(
                options.members,
                done,
                joins,
                oracle.zombieAttempts(),
                oracle.zombieEffects(),
                outages,
                oracle.repeatedAfterOutages(),
                counts);
    }

    /** What to do to whom, and how often. Not thread-safe. */
    public static final class Builder extends RunOptions<Builder> {

        private final Lives lives;
        private final Map<String, Supplier<? extends Collection<String>>> positions = new TreeMap<>();
        private int members = 2;
        private int disturbances = 30;
        private Duration pauses = Duration.ofSeconds(3);
        private Supplier<? extends Collection<Outage>> beforeRest = List::of;

        private Builder(Lives lives) {
            super(25, Duration.ofMinutes(2));
            this.lives = lives;
        }

        @Override
        Builder self() {
            return this;
        }

        /** How many seats there are. Default: 2. */
        public Builder members(int number) {
            members = number;
            return this;
        }

        /**
         * Asks, after each disturbance, what the position of a handler has passed since.
         *
         * @param passed ids of events; none if the broker does not answer
         */
        public Builder positions(String handler, Supplier<? extends Collection<String>> passed) {
            positions.put(handler, passed);
            return this;
        }

        /** How often to disturb. Default: 30. */
        public Builder disturbances(int number) {
            disturbances = number;
            return this;
        }

        /** Pauses last that long, up to twice as long; to be longer than a lease, or session. Default: 3 s. */
        public Builder pauses(Duration atLeast) {
            pauses = atLeast;
            return this;
        }

        /**
         * Called before each time that all work everything off.
         *
         * @param healing heals what the test has broken of what the instances share, and says when it was broken since the
         *     last time
         */
        public Builder beforeRest(Supplier<? extends Collection<Outage>> healing) {
            beforeRest = healing;
            return this;
        }

        /**
         * Runs, and returns what was counted; earlier than asked for once there was a fault.
         *
         * @throws RuntimeException if an instance ended by itself, did not get to work, or could not work everything off; the
         *     message quotes its last lines and its standard error, and the journals are kept
         */
        public MemberReport run() {
            requireHandlers();
            if (members < 2 || restEvery < 1 || disturbances < 1) {
                throw new IllegalArgumentException("at least 2 members, 1 disturbance, and 1 before a rest");
            }
            return new MemberRun(this).run();
        }
    }
}
