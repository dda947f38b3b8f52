package dev.syncline.runtime.internal.relay;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.syncline.spi.Message;
import dev.syncline.spi.Position;
import dev.syncline.spi.TopicPartition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Seeded schedules of faults against the real duty, core and outbox. */
class RelaySimulationTest {

    private static final int SEEDS_EACH = Integer.getInteger("sim.seeds", 400);

    private static final Logger RELAY_LOG = (Logger) LoggerFactory.getLogger(RelayDuty.class.getPackageName());

    @BeforeAll
    static void quiet() {
        RELAY_LOG.setLevel(Level.OFF);
    }

    @AfterAll
    static void loud() {
        RELAY_LOG.setLevel(null);
    }

    /** Each seed picks its own faults; the first number only spreads the seeds over several tests. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
    void s7_perKeyTheBrokerReadsRepeatsOfASuffixAndLosesNothing(int range) {
        for (int seed = range * SEEDS_EACH; seed < (range + 1) * SEEDS_EACH; seed++) {
            new Schedule(seed).run();
        }
    }

    @Test
    void theSameSeedGivesTheSameHistory() {
        for (int seed = 0; seed < 20; seed++) {
            assertThat(new Schedule(seed).run()).isEqualTo(new Schedule(seed).run());
        }
    }

    private static final class Schedule {

        private final int seed;
        private final Random random;
        private final RelayRig rig;
        private final Map<String, SimBroker> sims = new LinkedHashMap<>();
        private final boolean crashes;
        private final boolean closesLate;
        private final boolean rewinds;
        private final int topics;
        private final int keys;
        private final Map<Position, Message> entries = new LinkedHashMap<>();
        private final Map<Position, Destination> destinations = new HashMap<>();
        private final List<Mark> places = new ArrayList<>(List.of(Mark.START));

        Schedule(int seed) {
            this.seed = seed;
            random = new Random(seed);
            int window = 1 + random.nextInt(12);
            rig = new RelayRig(
                    random,
                    RelaySettings.defaults()
                            .withBatch(1 + random.nextInt(5), 100 + random.nextInt(2000))
                            .withWindow(window, 200 + random.nextInt(3000)));
            topics = 1 + random.nextInt(3);
            keys = 1 + random.nextInt(6);
            for (var name : random.nextBoolean() ? List.of("one") : List.of("one", "two")) {
                sims.put(name, new SimBroker(random, 1 + random.nextInt(4)));
            }
            sims.forEach(rig::broker);
            rig.onSave = this::checkCursors;
            crashes = random.nextInt(3) == 0;
            closesLate = random.nextInt(3) == 0;
            rewinds = random.nextInt(3) == 0;
            chooseFaults();
            rig.start();
        }

        private void chooseFaults() {
            for (var sim : sims.values()) {
                sim.failures = random.nextInt(3) == 0 ? random.nextInt(100) : 0;
                sim.ambiguities = random.nextInt(3) == 0 ? random.nextInt(100) : 0;
                sim.refusals = random.nextInt(4) == 0 ? random.nextInt(50) : 0;
                sim.maxBytes = random.nextInt(4) == 0 ? 150 + random.nextInt(150) : Integer.MAX_VALUE;
                sim.silences = random.nextInt(4) == 0 ? random.nextInt(20) : 0;
            }
        }

        List<String> run() {
            for (int step = 0; step < 300; step++) {
                step();
            }
            heal();
            var history = new ArrayList<String>();
            for (var sim : sims.entrySet()) {
                checkOrder(sim.getValue());
                checkNothingLost(sim.getKey(), sim.getValue());
                sim.getValue()
                        .arrived
                        .forEach((partition, messages) ->
                                messages.forEach(message -> history.add(partition + " " + message.attribute("id"))));
            }
            return history;
        }

        private void step() {
            switch (random.nextInt(20)) {
                case 0, 1, 2, 3 -> publish();
                case 4, 5, 6, 7, 8 -> rig.run();
                case 9 -> rig.advance(Duration.ofMillis(random.nextInt(400)));
                case 10 -> rig.advance(Duration.ofMillis(random.nextInt(20_000)));
                case 11 -> {
                    if (crashes && random.nextInt(4) == 0) {
                        rig.crash();
                    }
                }
                case 12 -> {
                    if (random.nextInt(8) == 0) {
                        var sim = anySim();
                        sim.isAway = !sim.isAway;
                    }
                }
                case 13 -> {
                    if (random.nextInt(8) == 0) {
                        anySim().denied = random.nextBoolean() ? Set.of("t0") : Set.of();
                    }
                }
                case 15 -> {
                    if (random.nextInt(4) == 0) {
                        rig.redriveAll(); // though nothing was mended
                    }
                }
                case 14 -> {
                    if (rewinds && random.nextInt(4) == 0) {
                        rewind();
                    }
                }
                default -> {
                    for (int i = random.nextInt(8); i >= 0; i--) {
                        anySim().step();
                    }
                }
            }
            if (!closesLate || random.nextInt(40) == 0) {
                rig.runClosings();
            }
        }

        /** By hand, to anywhere; or because a broker has lost everything, to the beginning. */
        private void rewind() {
            var broker = new ArrayList<>(sims.keySet()).get(random.nextInt(sims.size()));
            var to = places.get(random.nextInt(places.size()));
            if (random.nextBoolean()) {
                required(broker).loseAll();
                to = Mark.START;
            }
            rig.duty.rewind(broker, to, rig.now);
            if (crashes && random.nextInt(4) == 0) {
                rig.crash();
            }
        }

        private SimBroker required(String broker) {
            return Objects.requireNonNull(sims.get(broker));
        }

        private SimBroker anySim() {
            return new ArrayList<>(sims.values()).get(random.nextInt(sims.size()));
        }

        private void publish() {
            var broker =
                    random.nextInt(8) == 0 ? "here" : new ArrayList<>(sims.keySet()).get(random.nextInt(sims.size()));
            var topic = "t" + random.nextInt(topics);
            var message = rig.publish(broker, topic, "k" + random.nextInt(keys), random.nextInt(300));
            if (!broker.equals("here")) {
                var position = new Position(rig.outbox.lastIndex(), 0);
                places.add(new Mark(position, rig.outbox.lastN() - 1));
                entries.put(position, message);
                destinations.put(position, new Destination(broker, topic));
            }
        }

        /** L3: all well again, everything is shipped, in a bounded time. */
        private void heal() {
            sims.values().forEach(SimBroker::heal);
            for (int i = 0; !isShipped(); i++) {
                assertThat(i).as("turns after all was well, seed %d", seed).isLessThan(20_000);
                rig.runClosings();
                rig.redriveAll();
                if (rig.run() == 0) {
                    rig.advance(Duration.ofMillis(50));
                }
                sims.values().forEach(sim -> {
                    for (int k = 0; k < 4; k++) {
                        sim.step();
                    }
                });
            }
            assertThat(rig.duty.status().problems())
                    .as("problems, seed %d", seed)
                    .isEmpty();
            assertThat(rig.duty.status().unshipped()).isZero();
        }

        private boolean isShipped() {
            return rig.duty.status().shippedN() == rig.outbox.lastN()
                    && rig.duty.status().unshipped() == 0
                    && rig.parking.values().stream().allMatch(OutgoingParking::isIdle)
                    && rig.run() == 0;
        }

        /** What is saved as confirmed has arrived, or a restart would lose it. */
        private void checkCursors(Cursors cursors) {
            entries.forEach((position, message) -> {
                var destination = destinations.get(position);
                var mark = cursors.destinations().get(destination);
                boolean isPassed = mark == null
                        ? position.compareTo(cursors.read().position()) < 0
                        : position.compareTo(mark.position()) < 0;
                if (isPassed
                        && !hasArrived(destination, message)
                        && !rig.isParkedForGood(destination.broker(), destination.topic(), message.attribute("id"))) {
                    throw new AssertionError(
                            "seed " + seed + ": saved beyond " + message + ", which has not arrived: " + cursors);
                }
            });
        }

        private boolean hasArrived(Destination destination, Message message) {
            return sims.get(destination.broker()).hasArrived(destination.topic(), message.attribute("id"));
        }

        private void checkOrder(SimBroker sim) {
            sim.arrived.forEach((partition, messages) -> {
                var last = new HashMap<String, Integer>();
                for (var message : messages) {
                    int number = Integer.parseInt(message.attribute("number"));
                    int before = last.getOrDefault(message.key(), 0);
                    assertThat(number)
                            .as("seed %d: %s of %s after %d", seed, message.attribute("id"), partition, before)
                            .isBetween(1, before + 1);
                    last.put(message.key(), number);
                }
                last.forEach((key, number) -> assertThat(number)
                        .as("seed %d: the last of key %s is the newest", seed, key)
                        .isEqualTo(newest(messages, key)));
            });
        }

        private static int newest(List<Message> messages, String key) {
            return messages.stream()
                    .filter(message -> message.key().equals(key))
                    .mapToInt(message -> Integer.parseInt(message.attribute("number")))
                    .max()
                    .orElse(0);
        }

        private void checkNothingLost(String broker, SimBroker sim) {
            rig.published.forEach((destination, messages) -> {
                if (destination.broker().equals(broker)) {
                    var arrived = new HashSet<String>();
                    sim.arrived.forEach((TopicPartition partition, List<Message> all) -> {
                        if (partition.topic().equals(destination.topic())) {
                            all.forEach(message -> arrived.add(message.attribute("id")));
                        }
                    });
                    assertThat(arrived)
                            .as("seed %d: %s", seed, destination)
                            .containsExactlyInAnyOrderElementsOf(messages.stream()
                                    .map(message -> message.attribute("id"))
                                    .toList());
                }
            });
        }
    }
}
