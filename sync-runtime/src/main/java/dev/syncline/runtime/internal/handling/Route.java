package dev.syncline.runtime.internal.handling;

import java.util.Objects;

/**
 * One method of a handler, ready to run.
 *
 * @param name for people: class and method
 * @param shape in which it takes an event
 * @param isList whether it takes a list of these
 * @param answer what it answers with
 * @param isStage whether the answer comes in a {@code CompletionStage}
 * @param invoker calls it
 * @param paths from data to what it takes
 */
public record Route(
        String name, Shape shape, boolean isList, Answer answer, boolean isStage, Invoker invoker, Paths paths) {

    public Route {
        Objects.requireNonNull(name);
        Objects.requireNonNull(shape);
        Objects.requireNonNull(answer);
        Objects.requireNonNull(invoker);
        Objects.requireNonNull(paths);
    }
}
