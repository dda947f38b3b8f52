package dev.syncline.api;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Says that the method turns its one parameter into what it returns: lifts an older version of a payload to a newer
 * one, or translates a payload into the model of a target.
 *
 * <p>The method is pure: same input, same result, no side effects; it may run more than once for one event. It returns
 * the target, an {@code Optional} of it (empty filters the event), or a {@code List} of it (fan-out). A path is lifts
 * within one type, then at most one translation; it is found at start and a missing or ambiguous one is a wiring fault.
 * In a class given as mappers it holds for all handlers; inside a handler class for that handler alone, where it wins.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface MapsTo {}
