package dev.syncline.runtime.internal.mutants;

import static dev.syncline.runtime.internal.mutants.Patch.advice;
import static dev.syncline.runtime.internal.mutants.Patch.blind;
import static dev.syncline.runtime.internal.mutants.Patch.fixed;
import static dev.syncline.runtime.internal.mutants.Patch.idle;
import static dev.syncline.runtime.internal.mutants.Patch.without;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.syncline.runtime.internal.dispatch.LaneDefects;
import dev.syncline.runtime.internal.inbox.GuardDefects;
import dev.syncline.runtime.internal.relay.RelayDefects;
import dev.syncline.runtime.internal.settle.WindowDefects;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.util.Throwables;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/**
 * The tests are tested: with a defect planted into the product as it is loaded, a suite must fail, and say why; without
 * one, the same suite must pass. A mutant that lives is a hole in the suites.
 */
class MutantsTest {

    private static final String R = "runtime.internal.";
    private static final Logger LOG = (Logger) LoggerFactory.getLogger("dev.syncline");
    private static Level level;

    private static final Suite LANES = Suite.seeds("dispatch.LaneSimulation", 60);
    private static final Suite RELAY = Suite.seeds("relay.RelaySimulationTest$Schedule", 400);
    private static final Suite POWER = Suite.trials("log.PowerFailureTest$Trial", 12);
    private static final Suite CRASHES =
            Suite.tests("park.CrashTest", "s11_crashAtAnyWriteLosesNothingSettledAndMergesWhatComesAgain");
    private static final Suite GUARD =
            Suite.tests("inbox.GuardTest", "s7_aParkedUpdateNeverBringsBackWhatALaterDeleteRemoved");
    private static final Suite PARTITIONS = Suite.tests("inbox.PartitionChangeTest");
    private static final Suite OUTBOX =
            Suite.tests("outbox.OutboxTest$Disk", "s2_whatAppendReturnedSurvivesPowerLossAndInProcessItDoesNot");
    private static final Suite INGEST = Suite.tests("ingest.IngestDutyTest");
    private static final Suite ATTEMPTS = Suite.tests("handling.AttemptsTest");

    static List<Mutant> mutants() {
        return List.of(
                new Mutant(
                        "commits the maximum instead of the low-water mark",
                        "s9",
                        advice(R + "settle.Window", "settle", WindowDefects.PassesTheUnfinished.class),
                        LANES,
                        "s9"),
                new Mutant(
                        "lets work begin in a window that was revoked",
                        "s13",
                        blind(R + "settle.Fence", "begin", "fenced"),
                        LANES,
                        "s13"),
                new Mutant(
                        "forgets that a key runs when its partition is revoked",
                        "s8",
                        blind(R + "dispatch.Keys", "dropFenced", "status"),
                        LANES,
                        "s8|completion of a key that is idle"),
                new Mutant(
                        "applies what was applied",
                        "s5",
                        advice(R + "dispatch.Admission", "ask", LaneDefects.AppliesAgain.class),
                        LANES,
                        "s5"),
                new Mutant(
                        "settles what is parked without forcing it",
                        "s11",
                        without(R + "dispatch.ParkedKeys", "tryForce", "Parking", "force"),
                        LANES,
                        "s9"),
                new Mutant(
                        "settles a dead letter before it is parked",
                        "s11",
                        advice(R + "dispatch.ParkedKeys", "park", LaneDefects.SettlesFirst.class),
                        LANES,
                        "s9"),
                new Mutant(
                        "lets the next of a key go before one that is to be retried",
                        "s7",
                        advice(R + "dispatch.Recovery", "hold", LaneDefects.NextGoesFirst.class),
                        LANES,
                        "s7|s5"),
                new Mutant(
                        "hands events to the method that is not theirs",
                        "s7",
                        fixed(R + "dispatch.Batches", "fits", true),
                        LANES,
                        "the method that takes"),
                new Mutant(
                        "begins attempts while the target is away",
                        "s16",
                        fixed(R + "dispatch.HandlerPause", "isOn", false),
                        LANES,
                        "s16"),
                new Mutant(
                        "goes on after a failed sending before the old producer is closed",
                        "s7",
                        advice(R + "relay.RelayCore", "close", RelayDefects.DoesNotWait.class),
                        RELAY,
                        "k\\d+#\\d+ of t\\d-\\d after \\d"),
                new Mutant(
                        "takes a failed sending for sent",
                        "s1",
                        advice(R + "relay.RelayCore", "onNotSent", RelayDefects.TakesForSent.class),
                        RELAY,
                        "saved beyond"),
                new Mutant(
                        "saves as shipped what is not confirmed",
                        "s1",
                        idle(R + "relay.RelayCore", "lowestUnconfirmed"),
                        RELAY,
                        "saved beyond"),
                new Mutant(
                        "does not force a file",
                        "s2",
                        without(R + "log.ChronicleEventLog", "force", "Disk", "force"),
                        POWER,
                        "PowerFailureTest.Trial.check"),
                new Mutant(
                        "returns from publish before the event is forced",
                        "s2",
                        without(R + "outbox.Outbox", "force", "GroupCommit", "await"),
                        OUTBOX,
                        "s2_whatAppendReturnedSurvivesPowerLoss"),
                new Mutant(
                        "returns from publish without an append",
                        "s1",
                        without(R + "outbox.Outbox", "write", "EventLog", "append"),
                        Suite.tests("outbox.OutboxTest", "s4_messageComesBackAsItWasAndWithItsNumber"),
                        "s4_messageComesBackAsItWas"),
                new Mutant(
                        "numbers in a copy what the original has numbered",
                        "s27",
                        fixed(R + "log.FileIdentity", "mayBe", true),
                        Suite.tests("outbox.NumberFileTest$WhatMayBeACopy"),
                        "WhatMayBeACopy.s27_"),
                new Mutant(
                        "parks again what is parked",
                        "s11",
                        without(R + "park.ParkStore", "append", "ShardIndex", "find"),
                        CRASHES,
                        "after redelivery"),
                new Mutant(
                        "ignores deletes in the guard",
                        "s7",
                        advice(R + "inbox.ShardGuard", "mark", GuardDefects.IgnoresDeletes.class),
                        GUARD,
                        "expected: STALE"),
                new Mutant(
                        "guards each method of a handler for itself",
                        "s7",
                        advice(R + "inbox.ShardGuard", "find", GuardDefects.PerMethod.class),
                        GUARD,
                        "expected: STALE"),
                new Mutant(
                        "takes a fresh event for a duplicate after partitions changed",
                        "s27",
                        fixed(R + "inbox.ShardInbox", "partition", 0),
                        PARTITIONS,
                        "fresh event .* dropped as DUPLICATE"),
                new Mutant(
                        "publishes what a failed attempt wanted",
                        "s3",
                        fixed(R + "handling.AttemptRun", "isFailed", false),
                        ATTEMPTS,
                        "isDroppedWhenTheAttemptFails"),
                new Mutant(
                        "commits the position of a partition that was lost",
                        "s13",
                        without(R + "ingest.Assignment", "forget", "Map", "remove"),
                        INGEST,
                        "acknowledges what is not assigned"));
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

    static Stream<Suite> suites() {
        return mutants().stream().map(Mutant::suite).distinct();
    }

    @ParameterizedTest
    @MethodSource("suites")
    void withoutADefectTheSuitePasses(Suite suite) {
        assertThat(suite.run(PatchedClasses.with())).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mutants")
    void aMutantIsCaught(Mutant mutant) {
        var found = mutant.suite().run(PatchedClasses.with(mutant.patch()));

        assertThat(found)
                .as("the suite notices that the product %s", mutant.what())
                .isPresent();
        assertThat(Throwables.getStackTrace(found.orElseThrow())).as("why").containsPattern(mutant.sign());
    }
}
