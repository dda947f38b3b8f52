package dev.syncline.verification.redrive;

import dev.syncline.api.Event;
import dev.syncline.runtime.DeadLetters.Selection;
import dev.syncline.runtime.Sync;
import dev.syncline.spi.BrokerAddress;
import dev.syncline.testkit.kill.Journal;
import dev.syncline.verification.place.AtRest;
import dev.syncline.verification.redrive.Refusing.Changed;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One life of an application some of whose events die. Two threads hand the dead in again, in every way that there is, while a
 * third publishes on, first of all to keys that are about to drain. It keeps a {@link Journal}. In its last life it publishes
 * nothing, hands in all that is dead, and ends.
 *
 * <p>Arguments: the broker's URI, a word that no other run on that broker has, the data directory, the number of the life.
 */
public final class RedriveApplication {

    static final int PARTITIONS = 2;
    static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final int REDRIVERS = 2;
    private static final int KEYS = 12;
    private static final long NUMBERS_PER_LIFE = 10_000_000;

    /** Between events if no key drains. */
    private static final Duration PAUSE = Duration.ofMillis(2);

    private final Journal journal = Journal.open();
    private final BlockingQueue<String> drains = new LinkedBlockingQueue<>();
    private final AtomicBoolean isEnding = new AtomicBoolean();
    private final int life;
    private final Sync sync;

    private RedriveApplication(String broker, String run, Path directory, int life) {
        this.life = life;
        var refusing = new Refusing(journal, drains::add);
        this.sync = Sync.builder(name(run))
                .broker("default", broker, options(broker, run))
                .route("redrive.stock.*", "default", topic(run))
                .dataDirectory(directory)
                .handlers(refusing.new Till(), refusing.new Shelf())
                .build();
    }

    public static void main(String[] arguments) throws InterruptedException {
        var application = new RedriveApplication(
                arguments[0], arguments[1], Path.of(arguments[2]), Integer.parseInt(arguments[3]));
        System.exit(application.run());
    }

    /** The application, and the first half of its groups. */
    static String name(String run) {
        return "redrive-" + run;
    }

    static String topic(String run) {
        return "redrive.stock." + run;
    }

    private static Map<String, String> options(String broker, String run) {
        var partitions = Integer.toString(PARTITIONS);
        return switch (BrokerAddress.parse(broker).scheme()) {
            case "kafka" ->
                Map.of("topics.create", "true", "topics.partitions", partitions, "group.instance.id", name(run));
            case "redis" -> Map.of("topics.create", "true", "topics.partitions", partitions, "lease.time", "1s");
            default -> Map.of();
        };
    }

    /** Returns the exit code. */
    private int run() throws InterruptedException {
        sync.start();
        journal.remark(Story.DEAD_AT_START + " " + sync.deadLetters().count(Selection.all()));
        var redrivers = new ArrayList<Thread>();
        for (int i = 0; i < REDRIVERS; i++) {
            var redriver = new Redriver(journal, sync.deadLetters(), i, life, isEnding::get);
            redrivers.add(new Thread(redriver, "redriver-" + i));
        }
        redrivers.forEach(Thread::start);
        if (!journal.isLastLife()) {
            publish();
        }
        boolean isAtRest = awaitRest();
        isEnding.set(true);
        for (var redriver : redrivers) {
            redriver.join();
        }
        sync.close();
        if (isAtRest) {
            journal.atRest();
        }
        return isAtRest ? 0 : 3;
    }

    /** Until the process is killed: to a key that drains at once, else to any. */
    private void publish() throws InterruptedException {
        var random = new Random(life);
        for (long number = 1; ; number++) {
            var draining = drains.poll(PAUSE.toNanos(), TimeUnit.NANOSECONDS);
            var key = draining == null ? "shelf-" + random.nextInt(KEYS) : draining;
            var id = life + "-" + number;
            long sequence = life * NUMBERS_PER_LIFE + number;
            journal.intent(id, key, sequence);
            sync.publisher().publish(Event.of(new Changed(key, sequence)).withId(id));
            journal.accepted(id);
        }
    }

    private boolean awaitRest() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!AtRest.is(sync)) {
            if (System.nanoTime() - deadline > 0) {
                System.err.println("not at rest after " + PATIENCE + ": " + sync.health());
                return false;
            }
        }
        return true;
    }
}
