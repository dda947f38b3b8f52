package dev.syncline.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.syncline.runtime.internal.dispatch.PlantedInLane;
import dev.syncline.runtime.internal.inbox.PlantedInGuard;
import dev.syncline.runtime.internal.settle.PlantedInWindow;
import java.lang.reflect.InvocationTargetException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/** The simulation is tested: it must find what is planted into the runtime, within some seeds, and say which promise fell. */
class PlantedDefectsTest {

    private static final int SEEDS = 300;
    private static final int EVENTS = 150;
    private static final Logger LOG = (Logger) LoggerFactory.getLogger("dev.syncline");
    private static Level level;

    static List<Defect> defects() {
        return List.of(
                Defect.without(
                        "accepts events without an append", "S1:|L3:", "outbox.Outbox", "write", "EventLog", "append"),
                Defect.fixed("takes fresh events for repeats", "S9, S11:", "inbox.ShardInbox", "isSequenceDone", true),
                Defect.idle(
                        "saves as shipped what is not confirmed", "S1:|S7:", "relay.RelayCore", "lowestUnconfirmed"),
                Defect.fixed("applies what was applied", "S6:", "inbox.ShardInbox", "isSequenceDone", false),
                Defect.idle("remembers no version", "guard:", "inbox.ShardGuard", "mark"),
                Defect.without(
                        "settles what is parked without forcing it",
                        "S9, S11:",
                        "dispatch.ParkedKeys",
                        "tryForce",
                        "Parking",
                        "force"),
                Defect.blind(
                        "lets work begin in a window that was revoked",
                        "S7:|S8:|S9",
                        "settle.Fence",
                        "begin",
                        "fenced"),
                Defect.blind(
                        "forgets that a key runs when its partition is revoked",
                        "S8:|completion of a key that is idle",
                        "dispatch.Keys",
                        "dropFenced",
                        "status"),
                Defect.advice(
                        "commits the maximum instead of the low-water mark",
                        "S9, S11:",
                        "settle.Window",
                        "settle",
                        PlantedInWindow.PassesTheUnfinished.class),
                Defect.advice(
                        "settles an event before it is parked",
                        "S9, S11:",
                        "dispatch.ParkedKeys",
                        "park",
                        PlantedInLane.SettlesBeforeItParks.class),
                Defect.advice(
                        "lets the next of a key go before one that is to be retried",
                        "S7:",
                        "dispatch.Recovery",
                        "hold",
                        PlantedInLane.NextGoesFirst.class),
                Defect.idle("sends on behind what was not sent", "S7:", "relay.RelayCore", "onNotSent"),
                Defect.advice(
                        "ignores deletes in the guard",
                        "guard:",
                        "inbox.ShardGuard",
                        "mark",
                        PlantedInGuard.IgnoresDeletes.class));
    }

    @BeforeAll
    static void quiet() {
        level = LOG.getLevel();
        LOG.setLevel(Level.OFF);
    }

    @AfterAll
    static void loud() {
        LOG.setLevel(level);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("defects")
    void isFound(Defect defect) throws ReflectiveOperationException {
        var simulation = Class.forName(Simulation.class.getName(), true, new DefectiveClasses(defect));
        var run = simulation.getMethod("run", long.class, int.class);
        String found = "";
        for (long seed = 1; seed <= SEEDS && found.isEmpty(); seed++) {
            try {
                run.invoke(null, seed, EVENTS);
            } catch (InvocationTargetException failed) {
                found = String.valueOf(failed.getCause().getMessage());
            }
        }

        assertThat(found)
                .as("what the simulation says of a runtime that %s", defect)
                .containsPattern(defect.sign());
    }
}
