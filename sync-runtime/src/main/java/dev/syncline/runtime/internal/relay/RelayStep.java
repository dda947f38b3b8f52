package dev.syncline.runtime.internal.relay;

import org.jspecify.annotations.Nullable;

/** What the core wants done; to be done in the order given. */
sealed interface RelayStep {

    /** Close the session's producer, if it has one, and say so to {@link RelayCore#onClosed} after its last answer. */
    record Close(Session session) implements RelayStep {}

    /** Hand the destination its entries again, from there on. */
    record Restart(Flow flow, Mark from) implements RelayStep {}

    /** The destination takes entries again, from where it refused one. */
    record Resume(Flow flow) implements RelayStep {}

    /**
     * Tell people that a destination's state changed.
     *
     * @param problem null if it is well again
     */
    record Report(Flow flow, @Nullable Problem problem) implements RelayStep {}
}
