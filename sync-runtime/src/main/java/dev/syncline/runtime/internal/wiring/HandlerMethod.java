package dev.syncline.runtime.internal.wiring;

import dev.syncline.runtime.internal.handling.Answer;
import dev.syncline.runtime.internal.handling.Invoker;
import dev.syncline.runtime.internal.handling.Shape;
import java.util.List;

/**
 * A handler's method, or a lambda, its signature understood.
 *
 * @param name class and method, for people
 * @param types names as written; empty if the payload class says it
 */
record HandlerMethod(
        String name,
        List<String> types,
        Shape shape,
        boolean isList,
        Subject subject,
        Answer answer,
        boolean isStage,
        Invoker invoker) {

    HandlerMethod {
        types = List.copyOf(types);
    }

    HandlerMethod withTypes(List<String> names) {
        return new HandlerMethod(name, names, shape, isList, subject, answer, isStage, invoker);
    }
}
