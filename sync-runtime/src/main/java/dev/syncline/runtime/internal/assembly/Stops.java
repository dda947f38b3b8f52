package dev.syncline.runtime.internal.assembly;

import dev.syncline.runtime.Health.BreakerHealth;
import dev.syncline.runtime.Health.HandlerHealth;
import java.util.ArrayList;
import java.util.List;

/** Says of a handler that has stopped by itself why it has, and what ends it. */
final class Stops {

    private Stops() {}

    /** A line each; empty if it works. */
    static List<String> of(String handler, HandlerHealth health) {
        var lines = new ArrayList<String>();
        var breaker = health.breaker();
        if (breaker.state() != BreakerHealth.State.CLOSED) {
            lines.add("handler " + handler + ": its target is away for "
                    + breaker.since().toSeconds() + " s (" + breaker.why() + "); "
                    + (breaker.state() == BreakerHealth.State.OPEN
                            ? "no attempt begins for " + breaker.left().toMillis() + " ms"
                            : "the next attempt shows whether it is back"));
        }
        if (!health.brake().isEmpty()) {
            lines.add("handler " + handler + ": intake is paused, since the deploy seems wrong (" + health.brake()
                    + "); correct it and restart, or go on with Sync.resume(\"" + handler + "\")");
        }
        return lines;
    }
}
