package dev.syncline.verification.kill;

import dev.syncline.runtime.DeadLetter;
import dev.syncline.runtime.DeadLetters.Selection;
import dev.syncline.runtime.Sync;
import dev.syncline.spi.BrokerAddress;
import dev.syncline.testkit.kill.Journal;
import dev.syncline.verification.place.AtRest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One life of an application that publishes and handles until it is killed, or told to leave, and keeps a {@link Journal} of
 * it. In its last life it publishes nothing, works off what is there, and ends.
 *
 * <p>Arguments: the broker's URI, a word that no other run on that broker has, the data directory, the number of the life; of
 * several instances also its seat, their number, and the URI of their state; and how many events it publishes in a second.
 */
public final class CountedApplication {

    static final int PARTITIONS = 4;

    private static final int PUBLISHERS = 2;
    static final int EVENTS_PER_SECOND = 1_200;

    /** Of all instances: what is known of each event lies in a store. */
    static final int EVENTS_PER_SECOND_OF_GROUP = 400;

    /** The same where that store forces what it confirms. */
    static final int EVENTS_PER_SECOND_FORCED = 100;

    /** A series of short lives leaves much to work off: who takes over on Redis has all partitions after seconds only. */
    static final Duration PATIENCE = Duration.ofMinutes(4);

    /** Long enough that a machine with much else to do does not take it away from one that is well. */
    static final Duration LEASE_OF_GROUP = Duration.ofSeconds(5);

    private static final Duration STALL = Duration.ofSeconds(1);

    private static final Duration BETWEEN_ROUNDS = Duration.ofMillis(200);
    private static final int LETTERS = 20;

    private final Journal journal = Journal.open();
    private final AtomicBoolean isLeaving = new AtomicBoolean();
    private final int life;
    private final Sync sync;

    private final Seat seat;

    /**
     * Which of several instances this is.
     *
     * @param keys begins all keys that it publishes
     * @param members how many there are
     * @param state where they share it; empty if there is one
     * @param eventsPerSecond of this one
     */
    private record Seat(String keys, int members, String state, int eventsPerSecond) {

        static Seat of(String... arguments) {
            return arguments.length == 1
                    ? new Seat("", 1, "", Integer.parseInt(arguments[0]))
                    : new Seat(
                            "m" + arguments[0] + ".",
                            Integer.parseInt(arguments[1]),
                            arguments[2],
                            Integer.parseInt(arguments[3]));
        }

        boolean isOnlyOne() {
            return members == 1;
        }
    }

    private CountedApplication(String broker, String run, Path directory, int life, Seat seat) {
        this.life = life;
        this.seat = seat;
        var builder = Sync.builder(name(run))
                .broker("default", broker, options(broker, run, seat))
                .route(Account.EVENTS, "default", topic(run))
                .dataDirectory(directory)
                .handlers(new Exact(journal), new Moody(journal));
        this.sync = (seat.isOnlyOne() ? builder : builder.state(seat.state())).build();
    }

    public static void main(String[] arguments) throws InterruptedException {
        var application = new CountedApplication(
                arguments[0],
                arguments[1],
                Path.of(arguments[2]),
                Integer.parseInt(arguments[3]),
                Seat.of(Arrays.copyOfRange(arguments, 4, arguments.length)));
        System.exit(application.run());
    }

    /** The application, and the first half of its groups. */
    static String name(String run) {
        return "counted-" + run;
    }

    static String topic(String run) {
        return "count.account." + run;
    }

    private static Map<String, String> options(String broker, String run, Seat seat) {
        String partitions = Integer.toString(PARTITIONS);
        return switch (BrokerAddress.parse(broker).scheme()) {
            case "kafka" ->
                seat.isOnlyOne()
                        ? Map.of(
                                "topics.create",
                                "true",
                                "topics.partitions",
                                partitions,
                                "group.instance.id",
                                name(run))
                        : Map.of("topics.create", "true", "topics.partitions", partitions);
            case "redis" ->
                Map.of(
                        "topics.create", "true",
                        "topics.partitions", partitions,
                        "lease.time", seat.isOnlyOne() ? "1s" : LEASE_OF_GROUP.toSeconds() + "s",
                        // What was swallowed is given up soon, so that a life meets more than one fault.
                        "command.timeout", "2s",
                        "connect.timeout", "2s");
            default -> Map.of();
        };
    }

    private int run() throws InterruptedException {
        if (!seat.isOnlyOne()) {
            journal.watchForStalls(STALL);
        }
        sync.start();
        if (journal.isLastLife()) {
            try (sync) {
                return workOff();
            }
        }
        var publishers = new ArrayList<Thread>();
        for (int i = 0; i < PUBLISHERS; i++) {
            var publishing = new Publishing(
                    journal,
                    sync.publisher(),
                    life,
                    seat.keys() + i,
                    seat.eventsPerSecond() / PUBLISHERS,
                    isLeaving::get);
            publishers.add(new Thread(publishing, "publisher-" + i));
        }
        publishers.forEach(Thread::start);
        var orders = new Thread(this::awaitOrder, "orders");
        orders.setDaemon(true);
        orders.start();
        while (!isLeaving.get()) {
            TimeUnit.MILLISECONDS.sleep(BETWEEN_ROUNDS.toMillis());
            decide();
        }
        for (var publisher : publishers) {
            publisher.join();
        }
        sync.close();
        return 0;
    }

    /** There is one order only. */
    private void awaitOrder() {
        try (var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            isLeaving.set("leave".equals(in.readLine()));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Returns the exit code. */
    private int workOff() throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!AtRest.is(sync)) {
            if (System.nanoTime() - deadline > 0) {
                System.err.println("not at rest after " + PATIENCE + ": " + sync.health());
                return 3;
            }
            decide();
            TimeUnit.MILLISECONDS.sleep(BETWEEN_ROUNDS.toMillis());
        }
        journal.atRest();
        return 0;
    }

    /** The person who looks after dead letters: most are handed in again, some given up. */
    private void decide() {
        for (DeadLetter letter : sync.deadLetters().list(Selection.all(), null, LETTERS)) {
            boolean isHopeless = !journal.isLastLife() && Work.number(letter.id()) % 5 == 0;
            if (isHopeless) {
                journal.givenUp(letter.handler(), letter.id());
            }
            var decided = isHopeless
                    ? sync.deadLetters().skip(letter, "operator", "hopeless")
                    : sync.deadLetters().redrive(letter);
            try {
                decided.toCompletableFuture().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            } catch (ExecutionException | TimeoutException failed) {
                System.err.println("cannot decide about " + letter + ": " + failed);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
