package dev.syncline.api;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks what identifies the entity that the payload is about: a field, a record component, or a method without
 * parameters. Events with equal keys in one topic are handled one after the other, in order.
 *
 * <p>The type is {@code String}, a primitive or boxed integer number, {@code UUID} or an enum; one per class. A key of
 * several parts is a method that joins them. A value that is null or empty is refused when the event is published.
 */
@Documented
@Target({ElementType.FIELD, ElementType.METHOD, ElementType.RECORD_COMPONENT})
@Retention(RetentionPolicy.RUNTIME)
public @interface EventKey {}
