package dev.syncline.runtime.internal.assembly;

import dev.syncline.runtime.Health.HandlerHealth;
import dev.syncline.runtime.internal.dispatch.HandlerGate;
import dev.syncline.runtime.internal.dispatch.Lanes;
import dev.syncline.runtime.internal.ingest.Ingest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One handler on one broker: its poll thread and its lanes. */
record Flow(
        String handler,
        String broker,
        HandlerGate gate,
        Lanes lanes,
        Ingest ingest,
        FlowState state,
        LetterBox letters) {

    void start() {
        lanes.start();
        ingest.start();
    }

    HandlerHealth health() {
        return new HandlerHealth(
                ingest.lag(),
                ingest.inFlight(),
                lanes.blockedKeys(),
                state.applied().duplicates(),
                state.applied().stale(),
                lanes.skipped(),
                gate.breakerHealth(),
                gate.brake());
    }

    /** Whether all of its partitions are read. */
    boolean isReady() {
        return ingest.isReady() && lateProblem().isEmpty();
    }

    /** Of state on the disk its stores tell. */
    private Optional<String> lateProblem() {
        var late = state.late();
        return late == null ? Optional.empty() : Optional.ofNullable(late.problem());
    }

    List<String> problems() {
        var problems = new ArrayList<String>();
        ingest.problems().forEach(problem -> problems.add("handler " + handler + ": " + problem));
        lanes.lateAttempts().forEach(late -> problems.add("handler " + handler + ": " + late));
        lateProblem().ifPresent(problem -> problems.add("handler " + handler + ": " + problem));
        var fault = lanes.fault();
        if (fault != null) {
            problems.add("handler " + handler + ": met " + fault + ", the process may be unsound; restart it");
        }
        return problems;
    }

    void beginStop(Duration deadline) {
        ingest.beginStop(deadline);
    }

    /** Returns when poll thread and lanes have ended, or shortly after the deadline. */
    void awaitStopped(Duration deadline) {
        ingest.awaitStopped(deadline);
        lanes.stop(Duration.ofSeconds(1));
    }
}
