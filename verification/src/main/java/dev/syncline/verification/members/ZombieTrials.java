package dev.syncline.verification.members;

import dev.syncline.testkit.kill.KillOracle;
import dev.syncline.testkit.kill.KillOracle.Fault;
import dev.syncline.testkit.kill.Timeline;
import dev.syncline.testkit.server.ChildJvm;
import dev.syncline.testkit.server.RedisServer;
import dev.syncline.verification.place.Place;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Two instances of one application. Again and again one of them is stopped in the middle of an attempt, and of others, until
 * the other one has taken over and has begun with the same event; then it wakes and ends its attempt. What it had begun it
 * ends, nobody can prevent that; but while the other one is still at it, neither a mark of it may be in the store, nor may the
 * position have passed the event.
 *
 * <p>Threading: one thread.
 */
final class ZombieTrials implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int QUICK = 30;

    private final Place place;
    private final RedisServer state;
    private final String run;
    private final List<Instance> instances = new ArrayList<>();
    private final Consumer<String> progress;
    private final Timeline ofHeld = new Timeline(line -> line.contains(" held-"));
    private final Timeline ofQuick = new Timeline(line -> line.contains(" quick-"));
    private final KillOracle held = new KillOracle(Map.of("held", 1));
    private final KillOracle quick = new KillOracle(Map.of("quick", HeldApplication.QUICK_LANES));
    private final Set<String> passed = new HashSet<>();
    private final List<Duration> takeovers = new ArrayList<>();
    private final Random random;
    private int trials;
    private int marks;
    private int positions;

    /** One process, and how far its lines are read. */
    private final class Instance {
        final int life;
        final String name;
        final ChildJvm child;
        final Set<String> said = new HashSet<>();
        int read;

        Instance(int life, ChildJvm.Builder builder, Path directory) {
            this.life = life;
            this.name = life == 1 ? "a" : "b";
            begins(life);
            this.child = builder.args(
                            place.uri(),
                            state.uri(),
                            run,
                            name,
                            directory.resolve(name).toString())
                    .start();
        }

        boolean hasSaid(String what) {
            var lines = child.lines();
            for (; read < lines.size(); read++) {
                var line = lines.get(read);
                said.add(line.startsWith("@") ? line.substring(0, line.lastIndexOf(' ')) : line);
            }
            return said.contains(what);
        }

        boolean hasBegun(String key) {
            return hasSaid("@H start held " + key);
        }

        void awaitSaid(String what) {
            await("that " + name + " says: " + what, () -> hasSaid(what));
        }
    }

    /**
     * @param broker {@code redis} or {@code kafka}
     * @param start what an instance is started with, beside what it needs
     * @param progress takes a line per trial
     */
    ZombieTrials(
            String broker,
            long seed,
            Path directory,
            UnaryOperator<ChildJvm.Builder> start,
            Consumer<String> progress) {
        this.place = Place.ofGroup(broker, HeldApplication.PARTITIONS, HeldApplication.LEASE, false);
        this.state = place.state().orElseThrow();
        this.run = "s" + seed;
        this.random = new Random(seed);
        this.progress = progress;
        for (int life = 1; life <= 2; life++) {
            instances.add(new Instance(life, start.apply(ChildJvm.of(HeldApplication.class)), directory));
        }
        instances.forEach(one -> one.awaitSaid("started"));
    }

    private void begins(int life) {
        long now = System.nanoTime();
        ofHeld.begins(life, now);
        ofQuick.begins(life, now);
    }

    /** Runs so many, and says what came of them. */
    ZombieReport run(int count) {
        while (trials < count) {
            trial("held-" + trials);
            trials++;
        }
        instances.forEach(one -> one.child.send("quick " + QUICK));
        await("all are worked off", this::isWorkedOff);
        for (var one : instances) {
            one.child.send("end");
            one.child.awaitExit(PATIENCE);
            for (var timeline : List.of(ofHeld, ofQuick)) {
                timeline.wrote(one.life, one.child.lines());
                timeline.left(one.life, System.nanoTime());
            }
        }
        ofHeld.tell(held);
        ofQuick.tell(quick);
        held.atRest();
        quick.atRest();
        return new ZombieReport(trials, marks, positions, held, quick, takeovers);
    }

    private void trial(String key) {
        instances.forEach(one -> one.child.send("quick " + QUICK));
        instances.get(trials % 2).child.send("hold " + key);
        await("somebody begins with " + key, () -> instances.stream().anyMatch(one -> one.hasBegun(key)));
        var zombie = instances.get(instances.get(0).hasBegun(key) ? 0 : 1);
        var successor = instances.get(zombie.life == 1 ? 1 : 0);
        LockSupport.parkNanos(Duration.ofMillis(random.nextInt(30)).toNanos());

        zombie.child.pause();
        long stopped = System.nanoTime();
        ofHeld.paused(zombie.life, stopped);
        ofQuick.paused(zombie.life, stopped);
        successor.child.send("quick " + QUICK);
        await(successor.name + " begins with " + key + ", too", () -> successor.hasBegun(key));
        var takeover = Duration.ofNanos(System.nanoTime() - stopped);
        takeovers.add(takeover);
        LockSupport.parkNanos(Duration.ofMillis(random.nextInt(500)).toNanos());
        var before = marks();

        zombie.child.resume();
        zombie.child.send("go " + key);
        zombie.awaitSaid("@E held " + key);
        zombie.awaitSaid("settled " + key);

        boolean isMarked = !marks().equals(before);
        ask();
        boolean isPassed = passed.contains(key);
        marks += isMarked ? 1 : 0;
        positions += isPassed ? 1 : 0;

        successor.child.send("go " + key);
        successor.awaitSaid("@E held " + key);
        successor.awaitSaid("settled " + key);
        await("its mark is taken, and the position passes it", () -> {
            ask();
            return passed.contains(key) && !marks().equals(before);
        });
        progress.accept(String.format(
                Locale.ROOT,
                "trial %d: %s was stopped, %s took over after %.1f s%s%s",
                trials + 1,
                zombie.name,
                successor.name,
                takeover.toMillis() / 1000.0,
                isMarked ? ", A MARK OF THE ZOMBIE WAS TAKEN" : "",
                isPassed ? ", THE POSITION PASSED ITS EVENT" : ""));
    }

    /** What is marked in the store of the handler that holds. */
    private Object marks() {
        var scope = HeldApplication.name(run) + ".held/default/" + HeldApplication.heldTopic(run);
        var all = state.command("HGETALL", "syncline:state:{" + scope + "}:sequence");
        return all == null ? List.of() : all;
    }

    private void ask() {
        passed.addAll(place.passed(HeldApplication.name(run) + ".held", HeldApplication.heldTopic(run)));
    }

    private boolean isWorkedOff() {
        var accepted = new HashSet<String>();
        var handled = new HashSet<String>();
        for (var one : instances) {
            one.hasSaid("");
            for (var line : one.said) {
                if (line.startsWith("@A ")) {
                    accepted.add(line.substring("@A ".length()));
                } else if (line.startsWith("@H end ")) {
                    handled.add(line.substring(line.lastIndexOf(' ') + 1));
                }
            }
        }
        return accepted.size() >= (trials * 3 + 2) * QUICK + trials && handled.containsAll(accepted);
    }

    private void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            for (var one : instances) {
                if (!one.child.isAlive()) {
                    throw new IllegalStateException(one.child + " ended by itself:\n" + one.child.errors());
                }
            }
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException("not within " + PATIENCE + ", in trial " + (trials + 1) + ": " + what);
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    /** Copies what the instances wrote, for people. */
    void keep(Path directory) {
        for (var one : instances) {
            one.child.copyErrors(directory.resolve(one.name + ".errors"));
        }
    }

    @Override
    public void close() {
        instances.forEach(one -> one.child.close());
        place.close();
    }

    /**
     * What the trials have shown.
     *
     * @param marks how often a mark of the zombie was taken
     * @param positions how often the position passed an event while only the zombie was done with it
     * @param takeovers from the stop to the successor's first call with the same event
     */
    record ZombieReport(
            int trials, int marks, int positions, KillOracle held, KillOracle quick, List<Duration> takeovers) {

        boolean isWell() {
            return marks == 0
                    && positions == 0
                    && held.faults().isEmpty()
                    && quick.faults().isEmpty();
        }

        @Override
        public String toString() {
            var sorted = takeovers.stream().sorted().toList();
            return String.format(
                    Locale.ROOT,
                    "%d zombies: %d marks and %d positions of theirs taken; of the attempts they were stopped in %d ran beside"
                            + " the successor's; of %d other events %d were repeated, %d of them by the zombie after its"
                            + " successor, %d ran beside; lost %d, reordered %d, other overlaps %d; takeover %.1f s, at most"
                            + " %.1f s",
                    trials,
                    marks,
                    positions,
                    held.zombieAttempts(),
                    quick.accepted(),
                    quick.repeated(),
                    quick.zombieEffects(),
                    quick.zombieAttempts(),
                    count(Fault.LOST),
                    count(Fault.REORDERED) + count(Fault.SET_BACK),
                    count(Fault.OVERLAP),
                    sorted.get(sorted.size() / 2).toMillis() / 1000.0,
                    sorted.get(sorted.size() - 1).toMillis() / 1000.0);
        }

        private long count(Fault fault) {
            return held.faults().getOrDefault(fault, 0L) + quick.faults().getOrDefault(fault, 0L);
        }
    }
}
