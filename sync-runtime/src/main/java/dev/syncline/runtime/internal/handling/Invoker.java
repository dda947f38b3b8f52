package dev.syncline.runtime.internal.handling;

import dev.syncline.api.Delivery;
import dev.syncline.api.EventPublisher;
import org.jspecify.annotations.Nullable;

/** Calls user code: a handler's method, whatever the order of its parameters, or a lambda. Same thread, no reflection. */
@FunctionalInterface
public interface Invoker {

    /**
     * Calls it.
     *
     * @param subject what the first parameter takes: the payload, an event, a change, or a list of one of these
     * @return what it returned; null if it returns nothing
     */
    @Nullable
    Object call(Object subject, Delivery delivery, EventPublisher publisher) throws Throwable;
}
