package dev.syncline.runtime.internal.relay;

import java.util.List;

/**
 * How the relay stands, at one moment. Immutable.
 *
 * @param destinations all that are known, in the order in which they came up
 * @param problems what does not get on, a line each, with what to do
 * @param unshipped entries that no broker has confirmed yet; an upper bound
 * @param shippedN all entries with this number or a lower one are confirmed, or are not for the relay
 */
public record RelayStatus(List<DestinationStatus> destinations, List<String> problems, long unshipped, long shippedN) {

    public RelayStatus {
        destinations = List.copyOf(destinations);
        problems = List.copyOf(problems);
    }

    /**
     * How one destination stands.
     *
     * @param unshipped entries for it that are not confirmed; an upper bound
     * @param problem what is wrong and what to do; empty if it is well
     */
    public record DestinationStatus(Destination destination, long unshipped, String problem) {}
}
