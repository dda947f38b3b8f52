package dev.syncline.verification.relay;

import dev.syncline.api.ConfigurationException;
import dev.syncline.api.Event;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.OnEvent;
import dev.syncline.api.SyncHandler;
import dev.syncline.runtime.Sync;
import dev.syncline.spi.BrokerAddress;
import dev.syncline.testkit.kill.Journal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * One of several processes on one data directory. It asks for the directory until it gets it, and then publishes until it is
 * killed, or told to leave, or told to finish, which is to leave when all is shipped. It says by {@link Journal#remark} when it was refused, by whom, when it holds, and when it has left.
 *
 * <p>Arguments: the broker's URI, a word that no other run on that broker has, the data directory, the number of the life.
 */
public final class HolderApplication {

    static final int PARTITIONS = 4;

    /** {@code refused process-id}: another one holds it. Once for each other one. */
    static final String REFUSED = "refused";
    /** {@code holds}: it has the directory, its relay ships. */
    static final String HOLDS = "holds";
    /** {@code leaves}, before it closes. */
    static final String LEAVES = "leaves";
    /** {@code left}, after that. */
    static final String LEFT = "left";

    static final String LEAVE = "leave";
    static final String FINISH = "finish";

    private static final int KEYS = 40;
    private static final Duration PATIENCE = Duration.ofSeconds(50);
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(20);
    private static final Duration BETWEEN_EVENTS = Duration.ofMillis(1);
    private static final String PROCESS = ", process ";

    private final Journal journal = Journal.open();
    private volatile String order = "";
    private final String broker;
    private final String run;
    private final Path directory;
    private final int life;

    /** What is shipped. */
    @EventType(value = "relay.parcel.sent", kind = EventType.Kind.DELTA)
    record Sent(@EventKey String parcel, long number) {}

    /** Of the first life: a topic is made for who reads it. The others have none, so that nothing but the relay is at work. */
    @SyncHandler("first")
    static final class First {
        @OnEvent
        void sent(Event<Sent> event) {}
    }

    private HolderApplication(String broker, String run, Path directory, int life) {
        this.broker = broker;
        this.run = run;
        this.directory = directory;
        this.life = life;
    }

    public static void main(String[] arguments) throws InterruptedException {
        new HolderApplication(arguments[0], arguments[1], Path.of(arguments[2]), Integer.parseInt(arguments[3])).run();
        System.exit(0);
    }

    static String topic(String run) {
        return "relay.parcel." + run;
    }

    private void run() throws InterruptedException {
        var orders = new Thread(this::awaitOrder, "orders");
        orders.setDaemon(true);
        orders.start();
        try (var sync = start()) {
            journal.remark(HOLDS);
            publish(sync);
            if (order.equals(FINISH)) {
                sync.awaitQuiet(PATIENCE);
            }
            journal.remark(LEAVES);
        }
        journal.remark(LEFT);
    }

    private Sync start() throws InterruptedException {
        for (var holder = ""; ; ) {
            try {
                var builder = Sync.builder("relay-" + run)
                        .broker("default", broker, options())
                        .route("relay.parcel.*", "default", topic(run))
                        .payloads(Sent.class)
                        .dataDirectory(directory);
                return (life == 1 ? builder.handlers(new First()) : builder).start();
            } catch (ConfigurationException refused) {
                var now = holder(refused);
                if (!now.equals(holder)) {
                    holder = now;
                    journal.remark(REFUSED + " " + holder);
                }
                TimeUnit.MILLISECONDS.sleep(BETWEEN_ATTEMPTS.toMillis());
            }
        }
    }

    /** The id of the process that holds the directory; what was said instead, if it is not named. */
    private static String holder(ConfigurationException refused) {
        var text = String.valueOf(refused.getMessage());
        int from = text.indexOf(PROCESS);
        return from < 0
                ? text.replace('\n', ' ')
                : text.substring(from + PROCESS.length(), text.indexOf(' ', from + PROCESS.length()));
    }

    private Map<String, String> options() {
        var partitions = Integer.toString(PARTITIONS);
        return BrokerAddress.parse(broker).scheme().equals("local")
                ? Map.of()
                : Map.of("topics.create", "true", "topics.partitions", partitions);
    }

    private void publish(Sync sync) throws InterruptedException {
        var random = new Random(life);
        for (long number = 1; order.isEmpty(); number++) {
            var id = life + "-" + number;
            var key = "parcel-" + random.nextInt(KEYS);
            journal.intent(id, key, number);
            sync.publisher().publish(Event.of(new Sent(key, number)).withId(id));
            journal.accepted(id);
            TimeUnit.NANOSECONDS.sleep(random.nextInt(2) * BETWEEN_EVENTS.toNanos());
        }
    }

    private void awaitOrder() {
        try (var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            order = Objects.requireNonNullElse(in.readLine(), LEAVE);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
