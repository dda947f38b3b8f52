package dev.syncline.runtime.internal.wiring;

import dev.syncline.runtime.internal.handling.Step;
import java.lang.reflect.Type;

/** A {@code @MapsTo} method. */
record MapperMethod(Type from, Type to, Step step) {

    /** The class and method, for people. */
    @Override
    public String toString() {
        return step.name();
    }
}
