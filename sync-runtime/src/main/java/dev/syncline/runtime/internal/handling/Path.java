package dev.syncline.runtime.internal.handling;

import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The way from the data of one type and version to what a method asks for: decode as a class, then upcasts, then at
 * most one translation. Found at wiring time.
 *
 * @param decodeAs the class; {@code byte[]} for the data as it is; null if the data is not wanted
 * @param steps in their order; empty if the decoded object is it
 */
public record Path(@Nullable Type decodeAs, List<Step> steps) {

    /** The way of deletes whose data nobody asked for. */
    public static final Path WITHOUT_DATA = new Path(null, List.of());

    public Path {
        steps = List.copyOf(steps);
    }

    /** Maps what was decoded: to one object, to none if a step filtered it, to many by fan-out. */
    List<?> map(Object decoded) throws Throwable {
        List<?> values = List.of(decoded);
        for (var step : steps) {
            if (values.size() == 1) {
                values = step.apply(values.get(0));
            } else {
                var next = new ArrayList<Object>();
                for (var value : values) {
                    next.addAll(step.apply(value));
                }
                values = next;
            }
        }
        return values;
    }
}
