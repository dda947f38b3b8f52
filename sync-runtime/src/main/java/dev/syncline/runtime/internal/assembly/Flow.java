package dev.syncline.runtime.internal.assembly;

import dev.syncline.runtime.Health.HandlerHealth;
import dev.syncline.runtime.internal.dispatch.Lanes;
import dev.syncline.runtime.internal.ingest.Ingest;
import java.time.Duration;
import java.util.List;

/** One handler on one broker: its poll thread and its lanes. */
record Flow(String handler, String broker, Lanes lanes, Ingest ingest) {

    void start() {
        lanes.start();
        ingest.start();
    }

    HandlerHealth health() {
        return new HandlerHealth(ingest.lag(), ingest.inFlight(), lanes.blockedKeys());
    }

    List<String> problems() {
        return ingest.problems().stream()
                .map(problem -> "handler " + handler + ": " + problem)
                .toList();
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
