package dev.syncline.verification.members;

import static java.util.Objects.requireNonNull;

import dev.syncline.api.EntityVersion;
import dev.syncline.api.Event;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.OnEvent;
import dev.syncline.api.SyncHandler;
import dev.syncline.runtime.Sync;
import dev.syncline.spi.BrokerAddress;
import dev.syncline.testkit.kill.Journal;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * One of two instances that share their state. It does what its standard input says: publishes, and lets an attempt end that
 * it holds; and keeps a {@link Journal}.
 *
 * <p>Arguments: the broker's URI, the state's, a word that no other run there has, the name of the instance, its directory.
 */
public final class HeldApplication {

    static final int PARTITIONS = 4;
    static final int QUICK_LANES = 4;
    private static final Duration STALL = Duration.ofSeconds(1);
    static final Duration LEASE = Duration.ofSeconds(2);

    private static final String HELD = "zombie.held.changed";
    private static final String QUICK = "zombie.quick.changed";
    private static final int QUICK_KEYS = 6;
    private static final long QUICK_MILLIS = 3;

    private final Journal journal = Journal.open();
    private final FileOutputStream out = new FileOutputStream(FileDescriptor.out);
    private final Map<String, CountDownLatch> mayGoOn = new ConcurrentHashMap<>();
    private final String member;
    private final Sync sync;
    private int quick;

    /** Its attempt lasts until the instance is told to go on with it. */
    @EventType(HELD)
    record Held(@EventKey String key, @EntityVersion long number) {}

    /** Others, for traffic. */
    @EventType(QUICK)
    record Quick(@EventKey String key, @EntityVersion long number) {}

    @SyncHandler(value = "held", concurrency = 1, deletes = SyncHandler.Deletes.IGNORE)
    final class Holding {
        @OnEvent
        void on(Event<Held> event) throws InterruptedException {
            try (var run = journal.run("held", event.id())) {
                latch(event.key()).await();
                run.effect();
            }
        }
    }

    @SyncHandler(value = "quick", concurrency = QUICK_LANES, deletes = SyncHandler.Deletes.IGNORE)
    final class Passing {
        @OnEvent
        void on(Event<Quick> event) throws InterruptedException {
            try (var run = journal.run("quick", event.id())) {
                TimeUnit.MILLISECONDS.sleep(QUICK_MILLIS);
                run.effect();
            }
        }
    }

    private HeldApplication(String broker, String state, String run, String member, Path directory) {
        this.member = member;
        this.sync = Sync.builder(name(run))
                .broker("default", broker, options(broker))
                .state(state)
                .route("zombie.held.*", "default", heldTopic(run))
                .route("zombie.quick.*", "default", "zombie.quick." + run)
                .dataDirectory(directory)
                .handlers(new Holding(), new Passing())
                .start();
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        new HeldApplication(arguments[0], arguments[1], arguments[2], arguments[3], Path.of(arguments[4])).run();
        System.exit(0);
    }

    static String name(String run) {
        return "zombies-" + run;
    }

    static String heldTopic(String run) {
        return "zombie.held." + run;
    }

    private static Map<String, String> options(String broker) {
        var partitions = Integer.toString(PARTITIONS);
        return BrokerAddress.parse(broker).scheme().equals("redis")
                ? Map.of(
                        "topics.create", "true", "topics.partitions", partitions, "lease.time", LEASE.toSeconds() + "s")
                : Map.of("topics.create", "true", "topics.partitions", partitions);
    }

    private void run() throws IOException, InterruptedException {
        var orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        journal.watchForStalls(STALL);
        say("started");
        try (sync) {
            for (var order = orders.readLine(); order != null; order = orders.readLine()) {
                var words = order.split(" ", -1);
                switch (words[0]) {
                    case "hold" -> publish(Event.of(new Held(words[1], 1)), words[1], words[1], 1);
                    case "quick" -> quick(Integer.parseInt(words[1]));
                    case "go" -> goOn(words[1]);
                    case "end" -> {
                        return;
                    }
                    default -> throw new IllegalArgumentException("no order: " + order);
                }
            }
        }
    }

    private void quick(int count) {
        for (int i = 0; i < count; i++) {
            quick++;
            var key = "quick-" + member + "-" + quick % QUICK_KEYS;
            publish(Event.of(new Quick(key, quick)), "quick-" + member + "-number-" + quick, key, quick);
        }
    }

    private void publish(Event<?> event, String id, String key, long number) {
        journal.intent(id, key, number);
        sync.publisher().publish(event.withId(id));
        journal.accepted(id);
    }

    private CountDownLatch latch(String key) {
        return mayGoOn.computeIfAbsent(key, unseen -> new CountDownLatch(1));
    }

    /** Says when nothing of that handler is in work any more, whatever became of its mark. */
    private void goOn(String key) throws IOException, InterruptedException {
        latch(key).countDown();
        while (requireNonNull(sync.health().handlers().get("held")).inFlight() > 0) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        say("settled " + key);
    }

    private void say(String what) throws IOException {
        out.write((what + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
