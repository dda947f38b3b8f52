package dev.syncline.runtime.internal.wiring;

import dev.syncline.runtime.internal.handling.Handling;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * One handler, wired: what it reads, how it is run, and the handling that runs it.
 *
 * @param id durable id
 * @param topics topics to read, by the name of their broker
 * @param policy how it is run
 * @param isShared whether what it has applied and parked is in the store of shared state, and not on the disk here
 * @param parksElsewhere whether its parked events are kept elsewhere, and not on the disk here
 * @param handling the steps and methods
 */
public record HandlerPlan(
        String id,
        Map<String, Set<String>> topics,
        HandlerPolicy policy,
        boolean isShared,
        boolean parksElsewhere,
        Handling handling) {

    public HandlerPlan {
        Objects.requireNonNull(id);
        topics = Map.copyOf(topics);
        Objects.requireNonNull(policy);
        Objects.requireNonNull(handling);
    }
}
