package dev.syncline.runtime.internal.wiring;

import dev.syncline.runtime.internal.settings.Limit;
import java.time.Duration;
import java.util.Optional;

/**
 * When a handler stops by itself.
 *
 * @param breaker how many keys fail when it is the target that is away; empty: it is never taken to be
 * @param breakerPause how long no attempt begins then
 * @param deadLetters how many keys cannot be read when it is the deploy that is wrong; empty: it is never taken to be
 */
public record Brakes(Optional<Limit> breaker, Duration breakerPause, Optional<Limit> deadLetters) {

    /** None. */
    public static final Brakes OFF = new Brakes(Optional.empty(), Duration.ofSeconds(30), Optional.empty());
}
