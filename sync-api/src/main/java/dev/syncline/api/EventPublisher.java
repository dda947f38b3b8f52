package dev.syncline.api;

import java.util.Collection;
import java.util.List;

/**
 * Publishes events. What is published is durable in the local outbox when the call returns, whether the broker is
 * reachable or not, and reaches the broker at least once, in order per key.
 *
 * <p>On the thread of a handler's attempt, publishing belongs to the attempt: ids derive from the event being handled,
 * correlation and causation are set, the events become durable together when the attempt succeeds, and are dropped
 * when it fails. A handler that completes later ({@code CompletionStage}) uses the publisher of its parameter, which
 * belongs to the attempt on every thread.
 *
 * <p>The local outbox takes no part in the application's database transaction: between the database's commit and
 * {@code publish} the process may die.
 *
 * <p>Threading: any thread. Blocks for the local disk at most, never for a broker.
 */
public interface EventPublisher {

    /**
     * Publishes a payload whose class carries {@link EventType}. An {@link Event} passed where its type is not known to
     * the compiler is published as the event that it is.
     *
     * @return the event as stored, with id, source and time
     * @throws ContractException if the payload has no {@code @EventType}, no usable key, violates its schema or a
     *     limit; nothing was stored
     * @throws OutboxFullException if the disk or the outbox has no room; nothing was stored, try again later
     * @throws OutboxException if the local disk failed, or the publisher is closed or not started
     */
    <T> Event<T> publish(T payload);

    /**
     * Publishes an event; id, source and time are added where they are missing.
     *
     * @throws ContractException as above
     * @throws OutboxException as above
     */
    <T> Event<T> publish(Event<T> event);

    /**
     * Publishes payloads or {@link Event}s, in order, all or none.
     *
     * @throws ContractException as above, naming the first that is refused
     * @throws OutboxException as above
     */
    List<Event<?>> publishAll(Collection<?> events);
}
