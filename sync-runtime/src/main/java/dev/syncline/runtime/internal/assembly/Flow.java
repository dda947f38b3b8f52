package dev.syncline.runtime.internal.assembly;

import dev.syncline.runtime.Health.HandlerHealth;
import dev.syncline.runtime.internal.dispatch.HandlerGate;
import dev.syncline.runtime.internal.dispatch.Lanes;
import dev.syncline.runtime.internal.inbox.EmbeddedApplied;
import dev.syncline.runtime.internal.ingest.Ingest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One handler on one broker: its poll thread and its lanes. */
record Flow(
        String handler,
        String broker,
        HandlerGate gate,
        Lanes lanes,
        Ingest ingest,
        EmbeddedApplied applied,
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
                applied.duplicates(),
                applied.stale(),
                lanes.skipped(),
                gate.breakerHealth(),
                gate.brake());
    }

    List<String> problems() {
        var problems = new ArrayList<String>();
        ingest.problems().forEach(problem -> problems.add("handler " + handler + ": " + problem));
        lanes.lateAttempts().forEach(late -> problems.add("handler " + handler + ": " + late));
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
