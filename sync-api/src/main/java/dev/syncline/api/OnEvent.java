package dev.syncline.api;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Says that the method takes events of these types.
 *
 * <p>The first parameter is the payload {@code T}, an {@link Event Event&lt;T&gt;}, a {@link Change Change&lt;T&gt;},
 * or a {@code List} of one of these; then, in any order, {@link Delivery} and {@link EventPublisher}. If {@code T} is
 * not the payload class of the type, a {@link MapsTo} path must lead to it. The method returns {@code void},
 * {@link Outcome}, {@link BatchOutcome} (with a {@code List}), an object whose class carries {@link EventType} (it is
 * published), or a {@code CompletionStage} of {@code Void}, {@code Outcome} or {@code BatchOutcome}. A thrown exception
 * fails the attempt. Within one class a type meets exactly one method; the exact name beats {@code *}.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface OnEvent {

    /**
     * Names of types; {@code a.b.*} takes all types of one entity. Empty means the {@link EventType} of the parameter.
     */
    String[] value() default {};
}
