package dev.syncline.api;

/**
 * A handler as a lambda, for those who want no annotations.
 *
 * @param <T> the payload
 */
@FunctionalInterface
public interface EventHandler<T> {

    /**
     * Handles one event. Runs on a lane of the handler, one at a time per key.
     *
     * @return how it ended; never null
     * @throws Exception if the attempt failed; it is tried again by the handler's policy
     */
    Outcome handle(Event<T> event, Delivery delivery) throws Exception;
}
