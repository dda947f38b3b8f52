package dev.syncline.runtime.internal.publish;

import dev.syncline.api.Event;
import java.util.List;

/** Opens a publisher per attempt; what handling sees of the publish room. */
@FunctionalInterface
public interface Attempts {

    /**
     * The publisher of one attempt.
     *
     * @param handler id of the handler
     * @param causes the events being handled, not empty; what is published derives its id from the one it names as its
     *     cause, else from the first
     */
    AttemptPublisher begin(String handler, List<Event<?>> causes);
}
