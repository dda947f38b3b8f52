package dev.syncline.verification.members;

import dev.syncline.api.EntityVersion;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.OnEvent;
import dev.syncline.api.SyncHandler;
import dev.syncline.runtime.Sync;
import dev.syncline.spi.BrokerAddress;
import dev.syncline.verification.load.Options;
import dev.syncline.verification.load.Scratch;
import dev.syncline.verification.place.Place;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Instances that join and leave a group one after the other, without waiting for what the last change brought about, while one
 * that stays publishes; then the group must settle, and go on. They live in one process, each with a directory of its own.
 *
 * <pre>
 * java -cp verification/target/verification.jar dev.syncline.verification.members.Storm broker=redis changes=50 within=60s
 * </pre>
 */
public final class Storm implements AutoCloseable {

    static final int PARTITIONS = 6;

    private static final Duration LEASE = Duration.ofSeconds(2);
    private static final int MOST = 4;
    private static final int KEYS = 24;
    private static final Duration BETWEEN_EVENTS = Duration.ofMillis(5);
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String TOPIC = "storm.thing";

    private final Place place;
    private final Path directory;
    private final Random random;
    private final Effects effects = new Effects();
    private final Map<String, Long> published = new HashMap<>();
    private final List<Sync> members = new ArrayList<>();
    private int started;
    private long count;

    /** Counts. */
    @EventType("storm.thing.changed")
    record Thing(@EventKey String key, @EntityVersion long number) {}

    /** What all members have done, in the order in which they did it; any thread. */
    static final class Effects {
        private final Map<String, Long> newest = new HashMap<>();
        private long count;
        private long outOfOrder;

        synchronized void add(String key, long number) {
            count++;
            outOfOrder += newest.getOrDefault(key, 0L) + 1 == number ? 0 : 1;
            newest.put(key, number);
        }

        synchronized long count() {
            return count;
        }

        synchronized long outOfOrder() {
            return outOfOrder;
        }
    }

    @SyncHandler(value = "storm", concurrency = 2, deletes = SyncHandler.Deletes.IGNORE)
    record Handler(Effects effects) {
        @OnEvent
        void on(Thing thing) {
            effects.add(thing.key(), thing.number());
        }
    }

    /**
     * What came of it.
     *
     * @param took how long the changes took
     * @param settled from the last change until all members were ready with their share, and all was handled
     * @param effects how many
     * @param outOfOrder those that came twice, too early or too late
     */
    record Report(int changes, Duration took, Duration settled, long events, long effects, long outOfOrder) {

        boolean isWell() {
            return effects == events && outOfOrder == 0;
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%d joins and leaves within %.1f s, settled %.1f s after the last; %d events, %d effects, %d of them out of"
                            + " order or repeated",
                    changes,
                    took.toMillis() / 1000.0,
                    settled.toMillis() / 1000.0,
                    events,
                    effects,
                    outOfOrder);
        }
    }

    Storm(String broker, long seed, Path directory) {
        this.place = Place.ofGroup(broker, PARTITIONS, LEASE, false);
        this.directory = directory;
        this.random = new Random(seed);
    }

    public static void main(String[] arguments) {
        var options = Options.of(arguments, Map.of("broker", "redis", "changes", "50", "within", "60s", "seed", "1"));
        boolean isWell;
        try (var scratch = new Scratch();
                var storm = new Storm(options.text("broker"), options.number("seed"), scratch.path())) {
            var report = storm.run(options.number("changes"), options.duration("within"));
            System.out.println(options + ": " + report);
            isWell = report.isWell();
        }
        System.exit(isWell ? 0 : 1);
    }

    private void join() {
        boolean isRedis = BrokerAddress.parse(place.uri()).scheme().equals("redis");
        var options = new HashMap<>(Map.of("topics.create", "true", "topics.partitions", "" + PARTITIONS));
        if (isRedis) {
            options.put("lease.time", LEASE.toSeconds() + "s");
        }
        started++;
        members.add(Sync.builder("storm")
                .broker("default", place.uri(), options)
                .state(place.state().orElseThrow().uri())
                .route("storm.thing.*", "default", TOPIC)
                .dataDirectory(directory.resolve("member-" + started))
                .handlers(new Handler(effects))
                .start());
    }

    /** Changes the group so often, evenly over that time, and waits until it has settled. */
    Report run(int changes, Duration within) {
        join();
        long begin = System.nanoTime();
        long last = begin;
        for (int change = 1; change <= changes; change++) {
            change();
            last = System.nanoTime();
            publishUntil(begin + within.toNanos() / changes * change);
        }
        var took = Duration.ofNanos(System.nanoTime() - begin);
        await("all members are ready", this::isSettled);
        for (int key = 0; key < KEYS; key++) {
            publish();
        }
        await("all is handled", () -> effects.count() >= count);
        var settled = Duration.ofNanos(System.nanoTime() - last);
        members.forEach(Sync::close);
        members.clear();
        return new Report(changes, took, settled, count, effects.count(), effects.outOfOrder());
    }

    /** The first one stays. */
    private void change() {
        boolean isJoin = members.size() < 2 || (members.size() < MOST && random.nextBoolean());
        if (isJoin) {
            join();
        } else {
            members.remove(1 + random.nextInt(members.size() - 1)).close();
        }
    }

    private void publishUntil(long nanos) {
        do {
            publish();
            LockSupport.parkNanos(BETWEEN_EVENTS.toNanos());
        } while (System.nanoTime() - nanos < 0);
    }

    private void publish() {
        var key = "k" + count % KEYS;
        count++;
        members.get(0).publisher().publish(new Thing(key, published.merge(key, 1L, Long::sum)));
    }

    private boolean isSettled() {
        return members.stream()
                .allMatch(member ->
                        member.health().isReady() && member.health().problems().isEmpty());
    }

    private void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException("not within " + PATIENCE + ": " + what + "; "
                        + members.stream()
                                .map(member -> member.health().toString())
                                .toList());
            }
            LockSupport.parkNanos(BETWEEN_EVENTS.toNanos());
        }
    }

    @Override
    public void close() {
        members.forEach(Sync::close);
        place.close();
    }
}
