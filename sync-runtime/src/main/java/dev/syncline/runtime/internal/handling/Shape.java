package dev.syncline.runtime.internal.handling;

import dev.syncline.api.Change;
import dev.syncline.api.Event;
import org.jspecify.annotations.Nullable;

/** In which form a method takes one event. */
public enum Shape {
    /** The payload alone; an event without data cannot be given so. */
    PAYLOAD {
        @Override
        Object form(Event<?> event, @Nullable Object payload) {
            if (payload == null) {
                throw new IllegalArgumentException("no payload");
            }
            return payload;
        }
    },
    /** The payload in its envelope. */
    EVENT {
        @Override
        Object form(Event<?> event, @Nullable Object payload) {
            return around(event, payload);
        }
    },
    /** An upsert or a delete. */
    CHANGE {
        @Override
        Object form(Event<?> event, @Nullable Object payload) {
            var around = around(event, payload);
            return around.isDelete() || payload == null
                    ? new Change.Delete<>(around)
                    : new Change.Upsert<>(around, payload);
        }
    };

    /**
     * The event in this form.
     *
     * @param event as decoded, before mapping
     * @param payload as the method asked for it; null if there is none
     */
    abstract Object form(Event<?> event, @Nullable Object payload);

    /** Whether it can say that an entity is gone. */
    public boolean takesDeletes() {
        return this != PAYLOAD;
    }

    @SuppressWarnings("unchecked") // the wiring has checked the path from the decoded to the declared type
    private static Event<Object> around(Event<?> event, @Nullable Object payload) {
        if (payload == null || (event.hasPayload() && event.payload() == payload)) {
            return (Event<Object>) event;
        }
        return event.withPayload(payload);
    }
}
