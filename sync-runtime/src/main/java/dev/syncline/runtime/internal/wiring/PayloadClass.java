package dev.syncline.runtime.internal.wiring;

import dev.syncline.api.EventType;

/** A payload class and what its {@link EventType} says. */
record PayloadClass(Class<?> type, String name, int version, EventType.Kind kind) {

    /** {@code Product (v2)}, for people. */
    @Override
    public String toString() {
        return Names.of(type) + " (v" + version + ")";
    }
}
