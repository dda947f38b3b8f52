package dev.syncline.runtime.internal.park;

import static dev.syncline.runtime.internal.park.ParkRig.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.runtime.internal.envelope.Envelope;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A crash before and after each write, the process killed or the power lost. */
class CrashTest {

    /** What a lane does with one key of which ten events come, and what it has told the broker by then. */
    private static final class LaneScript {

        final List<String> settled = new ArrayList<>();
        final Set<String> closing = new HashSet<>();
        final Set<String> closedForGood = new HashSet<>();

        void run(ParkStore store) {
            var key = store.append(event(0), NOW).key();
            store.record(key, HeadState.FRESH.failed(4, "handler.failed", "away", NOW, 1_000));
            settle(store, List.of(1, 2), 0);
            settle(store, List.of(3), 3);
            store.record(key, key.state().failed(5, "handler.failed", "away", NOW, 5_000));
            close(store, key);
            close(store, key);
            settle(store, List.of(4, 5, 6), 4);
            store.force(store.record(key, HeadState.FRESH.dead(1, "rejected", "no", NOW)));
            settle(store, List.of(7), 7);
            store.record(key, key.state().redriven(NOW));
            close(store, key);
            closing.addAll(settled);
            store.force(store.closeAll(key, Closing.dropped("ops", "why"), NOW));
            closedForGood.addAll(settled);
            settle(store, List.of(8, 9), 8);
        }

        private void settle(ParkStore store, List<Integer> events, int first) {
            long index = -1;
            for (int each : events) {
                index = store.append(event(each), NOW).index();
            }
            store.force(index);
            for (int each = first; each <= events.get(events.size() - 1); each++) {
                settled.add("" + each);
            }
        }

        private void close(ParkStore store, ParkedKey key) {
            var id = store.readHead(key).id();
            closing.add(id);
            store.force(store.closeHead(key, Closing.DONE, NOW));
            closedForGood.add(id);
        }

        static Envelope event(int n) {
            return Events.event("k", "" + n);
        }
    }

    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true", "false, false"})
    void s11_crashAtAnyWriteLosesNothingSettledAndMergesWhatComesAgain(boolean isPowerLoss, boolean isAfterWrite) {
        int crashes = 0;
        for (int at = 0; ; at++) {
            var rig = new ParkRig();
            var script = new LaneScript();
            try {
                var log = new CrashingLog(rig.disk, isAfterWrite);
                log.crashAt(at);
                script.run(rig.over(log));
                break;
            } catch (CrashingLog.Crash crash) {
                crashes++;
            }
            restart(rig, isPowerLoss);
            var found = rig.contents().getOrDefault("k", List.of());
            assertThat(found)
                    .as("crash at %d: in order, none twice", at)
                    .doesNotHaveDuplicates()
                    .isSorted();
            var kept = new ArrayList<>(script.settled);
            kept.removeAll(script.closing);
            assertThat(found).as("crash at %d: settled", at).containsAll(kept);
            assertThat(found).as("crash at %d: closed", at).noneMatch(script.closedForGood::contains);

            // what was not settled comes again
            long index = -1;
            var all = new ArrayList<>(found);
            for (int n = 0; n < 10; n++) {
                if (!script.settled.contains("" + n)) {
                    index = rig.store.append(LaneScript.event(n), NOW).index();
                    if (!all.contains("" + n)) {
                        all.add("" + n);
                    }
                }
            }
            rig.store.force(index);
            rig.losePower();
            assertThat(rig.contents().getOrDefault("k", List.of()))
                    .as("crash at %d, after redelivery", at)
                    .isEqualTo(all)
                    .isSorted();
        }
        assertThat(crashes).isGreaterThan(25);
    }

    @Test
    void s15_crashCostsOneAttemptMoreAtMost() {
        for (int at = 0; at < 9; at++) {
            var rig = new ParkRig();
            int attempts = 0;
            try {
                var log = new CrashingLog(rig.disk, false);
                log.crashAt(at);
                var store = rig.over(log);
                var key = store.append(LaneScript.event(0), NOW).key();
                store.force(key.head());
                for (attempts = 1; attempts < 9; attempts++) {
                    store.record(key, key.state().failed(attempts, "c", "d", NOW + attempts, 1));
                }
            } catch (CrashingLog.Crash crash) {
                // what it leaves is looked at
            }
            rig.kill();
            var key = rig.key("k");
            if (key != null) {
                assertThat(key.state().attempts()).isBetween(Math.max(0, attempts - 1), attempts);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true", "false, false"})
    void s24_crashAtAnyWriteOfACompactionNeitherLosesNorDoubles(boolean isPowerLoss, boolean isAfterWrite) {
        int crashes = 0;
        for (int at = 0; ; at++) {
            var rig = scattered();
            var before = rig.contents();
            var states = states(rig);
            var log = new CrashingLog(rig.disk, isAfterWrite);
            rig.store = rig.over(log);
            log.crashAt(at);
            try {
                rig.compact();
                break;
            } catch (CrashingLog.Crash crash) {
                crashes++;
            }
            restart(rig, isPowerLoss);
            assertThat(rig.contents()).as("crash at %d", at).isEqualTo(before);
            assertThat(states(rig)).as("crash at %d", at).isEqualTo(states);

            rig.compact();
            restart(rig, isPowerLoss);
            assertThat(rig.contents()).as("crash at %d, compacted after it", at).isEqualTo(before);
            assertThat(states(rig)).as("crash at %d, compacted after it", at).isEqualTo(states);
        }
        assertThat(crashes).isGreaterThan(20);
    }

    /** Twenty-five keys with a letter or two among hundreds that are closed. */
    private static ParkRig scattered() {
        var rig = new ParkRig(4_000);
        for (int n = 0; n < 400; n++) {
            boolean isKept = n % 30 == 0;
            var name = isKept ? "kept-" + n % 20 : "k" + n % 11;
            var key = rig.store
                    .append(Events.event(name, String.format("%03d", n)), NOW)
                    .key();
            if (key.size() > 2 && !isKept) {
                rig.store.closeHead(key, Closing.DONE, NOW);
                rig.store.record(key, HeadState.FRESH.dead(n, "c", "d" + n, NOW));
            } else if (key.size() == 1) {
                rig.store.record(key, HeadState.FRESH.failed(n, "c", "d", NOW, 1));
            }
        }
        rig.store.force(rig.disk.lastIndex());
        return rig;
    }

    private static Map<String, HeadState> states(ParkRig rig) {
        return IntStream.range(0, 256)
                .mapToObj(rig.store::keys)
                .flatMap(List::stream)
                .collect(Collectors.toMap(ParkedKey::key, ParkedKey::state));
    }

    private static void restart(ParkRig rig, boolean isPowerLoss) {
        if (isPowerLoss) {
            rig.losePower();
        } else {
            rig.kill();
        }
    }
}
