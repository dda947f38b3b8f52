package dev.syncline.runtime.internal.park;

import static dev.syncline.runtime.internal.park.ParkRig.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.outbox.ForwardingEventLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is done to the store in whatever order, it holds what a model holds: kills, power failures, compaction. */
class ParkSimulationTest {

    private static final int STEPS = 25_000;
    private static final int KEYS = 40;

    /** By key the letters, and the state of the first. */
    private static final class Model {

        record Waiting(long number, String id) {}

        final Map<String, List<Waiting>> letters = new TreeMap<>();
        final Map<String, HeadState> states = new TreeMap<>();

        Model copy() {
            var copy = new Model();
            letters.forEach((key, list) -> copy.letters.put(key, new ArrayList<>(list)));
            copy.states.putAll(states);
            return copy;
        }

        void removeHead(String key) {
            letters.get(key).remove(0);
            states.remove(key);
            if (letters.get(key).isEmpty()) {
                letters.remove(key);
            }
        }
    }

    private final ParkRig rig = new ParkRig(8_000);
    private Model now = new Model();
    private Model forced = new Model();
    private final List<Consumer<Model>> unforced = new ArrayList<>();
    private int nextId;
    private int restarts;
    private long dropped;

    private void open() {
        rig.store = rig.over(new ForwardingEventLog(rig.disk) {
            @Override
            public void force() {
                super.force();
                unforced.forEach(change -> change.accept(forced));
                unforced.clear();
            }

            @Override
            public int dropBefore(long index) {
                int files = super.dropBefore(index);
                dropped += files;
                return files;
            }
        });
    }

    private void change(Consumer<Model> change) {
        change.accept(now);
        unforced.add(change);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 24, 63, 2026})
    void s10_s11_s24_storeHoldsWhatTheModelHolds(long seed) {
        var random = new Random(seed);
        open();
        for (int i = 0; i < STEPS; i++) {
            step(random);
        }
        compareAll();
        assertThat(restarts).isGreaterThan(50);
        assertThat(dropped).as("files dropped").isGreaterThan(50);
    }

    private void step(Random random) {
        var name = "k" + random.nextInt(KEYS);
        var key = rig.key(name);
        int dice = random.nextInt(1_000);
        if (dice < 350) {
            park(name, nextId++);
        } else if (dice < 400 && key != null) {
            var known = now.letters.get(name);
            var id = known.get(random.nextInt(known.size())).id;
            assertThat(rig.store.append(event(name, id), NOW).isNew()).isFalse();
        } else if (dice < 600 && key != null) {
            var state = key.state().failed(random.nextInt(99), "code", "detail " + dice, NOW + dice, dice);
            rig.store.record(key, state);
            change(model -> model.states.put(name, state));
        } else if (dice < 900 && key != null) {
            assertThat(rig.store.readHead(key).id())
                    .isEqualTo(now.letters.get(name).get(0).id);
            rig.store.closeHead(key, Closing.DONE, NOW);
            change(model -> model.removeHead(name));
        } else if (dice < 925 && key != null) {
            rig.store.closeAll(key, Closing.dropped("who", "why"), NOW);
            change(model -> {
                model.letters.remove(name);
                model.states.remove(name);
            });
        } else if (dice < 950) {
            rig.store.force(rig.disk.lastIndex());
        } else if (dice < 995) {
            rig.store.compact(1 + random.nextInt(2_000));
        } else if (dice < 998) {
            restarts++;
            rig.disk = rig.disk.afterKill();
            open();
            compareAll();
        } else {
            restarts++;
            rig.disk = rig.disk.afterPowerLoss();
            unforced.clear();
            now = forced.copy();
            open();
            compareAll();
        }
        compare(name);
    }

    private void park(String name, int id) {
        var parked = rig.store.append(event(name, "" + id), NOW);
        var waiting = new Model.Waiting(parked.letter(), "" + id);
        change(model ->
                model.letters.computeIfAbsent(name, k -> new ArrayList<>()).add(waiting));
    }

    private static Envelope event(String key, String id) {
        return Events.event(key, id, "data of " + id, Map.of());
    }

    private void compareAll() {
        for (int i = 0; i < KEYS; i++) {
            compare("k" + i);
        }
        assertThat(rig.store.stats().keys()).isEqualTo(now.letters.size());
        assertThat(rig.alarms).isEmpty();
    }

    private void compare(String name) {
        var key = rig.key(name);
        var expected = now.letters.get(name);
        if (expected == null) {
            assertThat(key).isNull();
            return;
        }
        var numbers = key.lastNumbers(Integer.MAX_VALUE);
        boolean isSame = numbers.length == expected.size();
        for (int i = 0; isSame && i < numbers.length; i++) {
            isSame = numbers[i] == expected.get(i).number;
        }
        if (!isSame) {
            assertThat(numbers)
                    .containsExactly(
                            expected.stream().mapToLong(Model.Waiting::number).toArray());
        }
        if (!key.state().equals(now.states.getOrDefault(name, HeadState.FRESH))) {
            assertThat(key.state()).isEqualTo(now.states.getOrDefault(name, HeadState.FRESH));
        }
    }
}
