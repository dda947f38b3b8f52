package dev.syncline.api;

import java.util.Objects;

/**
 * What became of an entity: it has a new state, or it is gone. One method that takes both keeps them in one place;
 * batches and deletes without data need it.
 *
 * <p>On Java 17 take it apart with {@code if (change instanceof Change.Upsert<ShopItem> upsert) … else …}.
 *
 * @param <T> the payload
 */
public sealed interface Change<T> {

    /** The event that says so. */
    Event<T> event();

    /** The entity; {@link Event#key()}. */
    default String key() {
        return event().key();
    }

    /**
     * The entity has this state.
     *
     * @param value the payload, as the handler asked for it
     */
    record Upsert<T>(Event<T> event, T value) implements Change<T> {
        public Upsert {
            Objects.requireNonNull(event, "event");
            Objects.requireNonNull(value, "value");
        }
    }

    /** The entity is gone; its event may still carry data. */
    record Delete<T>(Event<T> event) implements Change<T> {
        public Delete {
            Objects.requireNonNull(event, "event");
        }
    }

    /** A new state, for tests of handlers; the payload's class may but need not carry {@link EventType}. */
    static <T> Change<T> upsert(T value) {
        var annotated = value.getClass().isAnnotationPresent(EventType.class);
        return new Upsert<>(annotated ? Event.of(value) : Event.of("changed", value), value);
    }

    /** A delete without data, for tests of handlers. */
    static <T> Change<T> delete(String key) {
        @SuppressWarnings("unchecked") // an event without payload fits every payload type
        var event = (Event<T>) Event.delete("deleted", key);
        return new Delete<>(event);
    }
}
