package dev.syncline.api;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Says that the class is the payload of one event type in one version.
 *
 * <p>Events are known by name and version, never by Java class name, so the class may be moved and renamed freely. At
 * most one class of an application carries a given name and version.
 *
 * <pre>{@code
 * @EventType(value = "catalog.product.changed", version = 2)
 * record Product(@EventKey String sku, @EntityVersion long revision, String title) {}
 * }</pre>
 */
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface EventType {

    /**
     * The type's name: lower-case segments joined by dots, the fact in the past tense last, such as
     * {@code catalog.product.changed}. Without its last segment it names the default topic.
     */
    String value();

    /** The version of the payload, 1 or more; not part of the name. Travels as {@code dataversion}. */
    int version() default 1;

    /** What one event says about the entity. */
    Kind kind() default Kind.STATE;

    /** What one event says about its entity, and hence what may be done with a late one. */
    enum Kind {
        /** The whole state of the entity: the newest counts, an older one that comes late is dropped. */
        STATE,
        /** One change or fact: each counts, none is ever dropped as stale. */
        DELTA,
        /** The entity is gone. */
        DELETE
    }
}
