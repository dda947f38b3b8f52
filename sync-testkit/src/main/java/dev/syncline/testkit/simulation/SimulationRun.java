package dev.syncline.testkit.simulation;

import dev.syncline.api.ConfigurationException;
import dev.syncline.api.Event;
import dev.syncline.api.EventType.Kind;
import dev.syncline.api.OutboxException;
import dev.syncline.api.OutboxFullException;
import dev.syncline.runtime.DeadLetters.Redrive;
import dev.syncline.runtime.DeadLetters.Selection;
import dev.syncline.testkit.internal.Application;
import dev.syncline.testkit.internal.Life;
import dev.syncline.testkit.internal.ProcessDied;
import dev.syncline.testkit.internal.Scheduler;
import dev.syncline.testkit.internal.Scheduler.ViolationError;
import dev.syncline.testkit.internal.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** One seed: builds the world, lets publishing and faults happen, heals, and asks the oracle. */
final class SimulationRun {

    private static final long MOST_STEPS = 3_000_000;

    /** An application that does not run publishes nothing, and the events come later; not for ever. */
    private static final int LONGEST_SPANS = 3;

    private static final int LARGEST_BURST = 8;
    private static final Duration FIRST_LOOK = Duration.ofSeconds(10);
    private static final Duration LONGEST_LOOK = Duration.ofHours(3);

    /** What is quiet stays so: answers of handlers that hung come late, sessions of the dead run out. */
    private static final Duration AFTERGLOW = Duration.ofMinutes(2);

    private final long seed;
    private final SplittableRandom random;
    private final Topology topology;
    private final World world;
    private final Scheduler scheduler;
    private final Mood mood;
    private final Oracle oracle;
    private final Operators operators;
    private final List<Application> applications = new ArrayList<>();
    private final Map<Application, List<String>> handlers = new LinkedHashMap<>();
    private final Map<String, Long> versions = new HashMap<>();
    private final double[] zipf;
    private int published;
    private int deaths;
    private boolean isHealed;

    SimulationRun(long seed, int mostEvents) {
        this.seed = seed;
        random = new SplittableRandom(seed);
        topology = Topology.of(random, new SplittableRandom(~seed), mostEvents);
        world = new World(random.nextLong(), topology.session());
        scheduler = world.scheduler();
        mood = new Mood(topology, scheduler);
        zipf = zipf(topology.keys());
        var names = IntStream.range(0, topology.handlers())
                .mapToObj(SimulatedHandler::name)
                .toList();
        oracle = new Oracle(
                names,
                (partition, position) -> world.server().message(partition, position),
                this::isSafe,
                topology.lanes());
        operators = new Operators(oracle, world.clock(), new SplittableRandom(seed + 1));
        world.journal().add(oracle);
        world.onAcknowledge(oracle::onAcknowledge);
        scheduler.onTurnEnd(this::onTurnEnd);
        scheduler.onStep(this::check);
        scheduler.allow(MOST_STEPS);
        topics().forEach(topic -> world.server().createTopic(topic, topology.partitions()));
        for (int i = 0; i < topology.applications(); i++) {
            add(i);
        }
    }

    private void add(int number) {
        var instances = new ArrayList<Object>();
        var names = new ArrayList<String>();
        for (int i = number; i < topology.handlers(); i += topology.applications()) {
            instances.add(SimulatedHandler.of(i, mood, topology.batch() > 0));
            names.add(SimulatedHandler.name(i));
        }
        var application = world.application(
                number == 0 ? "first" : "second",
                builder -> builder.handlers(instances.toArray())
                        .payloads(Thing.Changed.class, Thing.Counted.class, Thing.Echo.class)
                        .settings(topology.settings()),
                topology.partitions());
        applications.add(application);
        handlers.put(application, names);
    }

    private static double[] zipf(int keys) {
        var sums = new double[keys];
        double sum = 0;
        for (int i = 0; i < keys; i++) {
            sum += 1 / Math.pow(i + 1, 1.2);
            sums[i] = sum;
        }
        return sums;
    }

    String describe(String what) {
        return "seed " + seed + " after " + scheduler.steps() + " steps, " + published + " events and " + deaths
                + " deaths: " + what + " (" + topology + ")";
    }

    SimulationResult run() {
        applications.forEach(this::start);
        publishNext();
        new FaultPlan(topology, this).begin();
        scheduler.run(
                scheduler.nanoTime() + LONGEST_SPANS * topology.span().toNanos(), () -> published >= topology.events());
        heal();
        check();
        oracle.checkComplete();
        if (topology.handlers() > 1) {
            oracle.checkEchoes(SimulatedHandler.name(0), SimulatedHandler.name(1));
        }
        check();
        applications.forEach(Application::close);
        return new SimulationResult(
                seed,
                topology.toString(),
                oracle.published(),
                oracle.applications(),
                oracle.repeats(),
                deaths,
                scheduler.steps(),
                scheduler.traceHash());
    }

    // --- what faults use

    World world() {
        return world;
    }

    SplittableRandom random() {
        return random;
    }

    boolean isHealed() {
        return isHealed;
    }

    Application anyApplication() {
        return applications.get(random.nextInt(applications.size()));
    }

    Operators operators() {
        return operators;
    }

    List<String> groups() {
        var groups = new ArrayList<String>();
        handlers.forEach((application, names) -> names.forEach(name -> groups.add(application.name() + "." + name)));
        return groups;
    }

    List<String> topics() {
        return List.of("sim.thing", "sim.echo");
    }

    void losePower(Application application) {
        boolean isOccupied = application.isOccupied();
        if (isOccupied) {
            afterDeath(application);
        }
        application.disk().losePower(topology.has(Fault.TORN_PAGES));
        oracle.onPowerLoss(topology.isDisk(), handlers.getOrDefault(application, List.of()));
        if (isOccupied) {
            startLater(application);
        }
    }

    void restart(Application application) {
        if (application.isAlive()) {
            if (close(application)) {
                startLater(application);
            }
        }
    }

    // --- life and death

    private Life.Danger danger() {
        if (!topology.has(Fault.KILL)) {
            return (where, isDone) -> false;
        }
        var chance = random.split();
        int rarely = 300 + random.nextInt(3_000);
        return (where, isDone) -> !isHealed && chance.nextInt(rarely) == 0;
    }

    private void start(Application application) {
        if (application.isOccupied()) {
            return;
        }
        try {
            if (!application.start(danger()) && application.hasDied()) {
                afterDeath(application);
                startLater(application);
            }
        } catch (ConfigurationException refused) {
            if (isHealed) {
                throw refused;
            }
            startLater(application); // by a person, when the disk is mended
        }
    }

    /** Whether it ended in good order. */
    private boolean close(Application application) {
        try {
            application.close();
        } catch (ProcessDied died) {
            return false; // found by the next look
        }
        oracle.onClosed(handlers.getOrDefault(application, List.of()));
        return true;
    }

    private void startLater(Application application) {
        scheduler.after(random.nextLong(TimeUnit.SECONDS.toNanos(3)), "start", () -> start(application));
    }

    private void afterDeath(Application application) {
        deaths++;
        application.kill(random.nextInt(3) > 0);
        oracle.onDeath(handlers.getOrDefault(application, List.of()));
    }

    private void onTurnEnd(String task) {
        for (var application : applications) {
            if (application.isAlive() && task.contains("-" + application.name() + "-")) {
                oracle.onTurnEnd(task);
            }
        }
    }

    private void check() {
        var violation = oracle.violation();
        if (violation != null) {
            throw new ViolationError(violation);
        }
        for (var application : applications) {
            if (application.hasDied()) {
                afterDeath(application);
                startLater(application);
            } else if (application.isAlive() && application.life().broken() != null) {
                var broken = application.life().broken();
                throw new IllegalStateException("a loop of " + application.name() + " ended: " + broken, broken);
            }
        }
    }

    private boolean isSafe(String handler, String id, String type) {
        return applications.stream().anyMatch(application -> application.disk().hasForcedParked(handler, id, type));
    }

    // --- publishing

    private void publishNext() {
        scheduler.after(pause(), "publish", () -> {
            int burst = 1 + random.nextInt(LARGEST_BURST);
            for (int i = 0;
                    i < burst
                            && published < topology.events()
                            && applications.get(0).isAlive();
                    i++) {
                publishOne();
            }
            if (published < topology.events()) {
                publishNext();
            }
        });
    }

    /** Often none to speak of, so that events come while others are on their way. */
    private long pause() {
        long brief = TimeUnit.MILLISECONDS.toNanos(8);
        long even = topology.span().toNanos() * LARGEST_BURST / topology.events();
        return random.nextInt(10) < 7 ? random.nextLong(brief) : random.nextLong(even * 3);
    }

    private void publishOne() {
        var application = applications.get(0);
        var key = key();
        var event = event(key);
        oracle.onPublished(event);
        try {
            application.sync().publisher().publish(asEvent(event));
            event.accepted = Oracle.Accepted.YES;
        } catch (OutboxFullException full) {
            oracle.onRefused(event);
        } catch (ProcessDied | OutboxException unknown) {
            scheduler.trace("unknown", published);
        }
        published++;
    }

    private String key() {
        double at = random.nextDouble() * zipf[zipf.length - 1];
        int key = 0;
        while (zipf[key] < at) {
            key++;
        }
        return "key-" + key;
    }

    private Oracle.Published event(String key) {
        var id = "ev-" + published + ";";
        int kind = random.nextInt(10);
        if (kind < 4) {
            return new Oracle.Published(
                    id, "sim.thing.counted", key, published, Kind.DELTA, Long.MIN_VALUE, Oracle.Accepted.UNKNOWN);
        }
        long version = version(key);
        return kind < 8
                ? new Oracle.Published(
                        id, "sim.thing.changed", key, published, Kind.STATE, version, Oracle.Accepted.UNKNOWN)
                : new Oracle.Published(
                        id, Thing.REMOVED, key, published, Kind.DELETE, version, Oracle.Accepted.UNKNOWN);
    }

    /** Mostly a newer one, sometimes one that comes late. */
    private long version(String key) {
        long newest = versions.getOrDefault(key, 0L);
        int chance = random.nextInt(10);
        if (chance == 0) {
            return Math.max(1, newest - random.nextInt(4));
        }
        versions.put(key, newest + 1);
        return newest + 1;
    }

    private static Event<?> asEvent(Oracle.Published event) {
        return switch (event.kind) {
            case DELTA -> Event.of(new Thing.Counted(event.key, event.number)).withId(event.id);
            case STATE ->
                Event.of(new Thing.Changed(event.key, event.version, event.number))
                        .withId(event.id);
            case DELETE ->
                Event.delete(Thing.REMOVED, event.key)
                        .withVersion(event.version)
                        .withId(event.id);
        };
    }

    // --- the end

    private void heal() {
        isHealed = true;
        mood.heal();
        world.server().start();
        world.server().loseConfirmations(0);
        world.server().storeTwice(0);
        world.server().releaseConfirmations();
        world.server().releaseDeliveries();
        for (var application : applications) {
            application.disk().isFull = false;
            application.disk().isFailing = false;
        }
        int quiet = 0;
        for (var wait = FIRST_LOOK;
                wait.compareTo(LONGEST_LOOK) <= 0;
                wait = quiet > 0 ? AFTERGLOW : wait.multipliedBy(2)) {
            pass(wait);
            applications.forEach(this::startUsable);
            redrive();
            quiet = isQuiet() ? quiet + 1 : 0;
            if (quiet == 2) {
                return;
            }
        }
        throw new ViolationError("L3: all is healed, and it does not come to rest: " + whatIsOpen());
    }

    private void pass(Duration duration) {
        scheduler.run(scheduler.nanoTime() + duration.toNanos(), () -> false);
    }

    /** What lost trust in its disk says so and has to be started again, as a person would. */
    private void startUsable(Application application) {
        if (application.isAlive() && hasLostTrust(application)) {
            close(application);
        }
        start(application);
    }

    private static boolean hasLostTrust(Application application) {
        return application.sync().health().problems().stream()
                .anyMatch(
                        problem -> problem.contains("takes nothing any more") || problem.contains("parked events of"));
    }

    private void redrive() {
        for (var application : applications) {
            if (application.isAlive()) {
                application.sync().deadLetters().redrive(Selection.all(), Redrive.atMost(1_000));
            }
        }
    }

    private boolean isQuiet() {
        return applications.stream().allMatch(application -> {
            if (!application.isAlive()) {
                return false;
            }
            try {
                application.sync().awaitQuiet(Duration.ofSeconds(1));
            } catch (IllegalStateException notYet) {
                return false;
            }
            return application.sync().health().handlers().values().stream()
                    .allMatch(handler -> handler.blockedKeys().isEmpty());
        });
    }

    private String whatIsOpen() {
        var open = new ArrayList<String>();
        for (var application : applications) {
            if (application.isAlive()) {
                try {
                    application.sync().awaitQuiet(Duration.ofSeconds(1));
                    open.add(application.name() + " " + application.sync().health());
                } catch (IllegalStateException why) {
                    open.add(application.name() + " " + why.getMessage());
                }
            } else {
                open.add(application.name() + " does not run");
            }
        }
        return String.join("; ", open);
    }
}
