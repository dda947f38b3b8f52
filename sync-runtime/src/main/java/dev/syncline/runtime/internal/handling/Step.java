package dev.syncline.runtime.internal.handling;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One mapper method on the way from the data to the handler's parameter.
 *
 * @param name for people: class and method
 * @param result what it returns
 * @param mapper calls it
 */
public record Step(String name, Result result, Mapper mapper) {

    public Step {
        Objects.requireNonNull(name);
        Objects.requireNonNull(result);
        Objects.requireNonNull(mapper);
    }

    /** What a mapper returns. */
    public enum Result {
        /** Its target. */
        ONE,
        /** {@code Optional}: empty filters the event. */
        OPTIONAL,
        /** {@code List}: fan-out. */
        LIST
    }

    /** A mapper method. */
    @FunctionalInterface
    public interface Mapper {
        /** Maps. */
        @Nullable
        Object map(Object source) throws Throwable;
    }

    /** The targets: none, one or many. */
    List<?> apply(Object source) throws Throwable {
        var mapped = mapper.map(source);
        if (mapped == null) {
            throw new NullPointerException(name + " returned null; to filter an event return Optional.empty()");
        }
        return switch (result) {
            case ONE -> List.of(mapped);
            case OPTIONAL -> ((Optional<?>) mapped).map(List::of).orElse(List.of());
            case LIST -> List.copyOf((List<?>) mapped);
        };
    }
}
