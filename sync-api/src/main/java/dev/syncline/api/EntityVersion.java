package dev.syncline.api;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks the origin's revision of the entity: a field, a record component, or a method without parameters, of type
 * {@code long}, {@code int} or {@code Instant} (counted in microseconds since 1970). Not negative; grows with every
 * change of the entity; compared only between events of one origin. One per class.
 */
@Documented
@Target({ElementType.FIELD, ElementType.METHOD, ElementType.RECORD_COMPONENT})
@Retention(RetentionPolicy.RUNTIME)
public @interface EntityVersion {}
