package dev.syncline.verification.place;

import dev.syncline.runtime.DeadLetters.Selection;
import dev.syncline.runtime.Health.HandlerHealth;
import dev.syncline.runtime.Sync;
import java.time.Duration;

/** Whether an application has worked off all that there is: nothing waits, nothing is dead, no position is behind. */
public final class AtRest {

    private AtRest() {}

    /** Waits a second at most. */
    public static boolean is(Sync sync) {
        try {
            sync.awaitQuiet(Duration.ofSeconds(1));
        } catch (IllegalStateException notYet) {
            return false;
        }
        return sync.deadLetters().count(Selection.all()) == 0
                && sync.health().handlers().values().stream().allMatch(AtRest::is);
    }

    private static boolean is(HandlerHealth handler) {
        return handler.lag() == 0
                && handler.inFlight() == 0
                && handler.blockedKeys().isEmpty();
    }
}
