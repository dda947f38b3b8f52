package dev.syncline.runtime.internal.wiring;

import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a handler or mapper method wants of the data.
 *
 * @param kind how it is to be made
 * @param type the class to decode or map to, {@code Map}, {@code byte[]} or {@code Object}
 */
record Subject(Kind kind, Type type) {

    static final Subject ANY = new Subject(Kind.ANY, Object.class);
    static final Subject MAP = new Subject(Kind.MAP, Map.class);
    static final Subject RAW = new Subject(Kind.RAW, byte[].class);

    enum Kind {
        /** A class: that of the payload, or one that a mapper leads to. */
        CLASS,
        /** {@code Map<String, Object>}: any JSON object. */
        MAP,
        /** {@code byte[]}: the data as it is. */
        RAW,
        /** {@code ?}: the payload class where there is one, else what JSON gives. */
        ANY
    }

    /** The payload class, null if it is none. */
    @Nullable
    Class<?> asClass() {
        return kind == Kind.CLASS && type instanceof Class<?> plain ? plain : null;
    }

    /** The subject that a type asks for; null if nothing can be made of it. */
    static @Nullable Subject of(Type type) {
        if (type == byte[].class) {
            return RAW;
        }
        if (type instanceof WildcardType wildcard) {
            var bound = wildcard.getUpperBounds()[0];
            return bound == Object.class ? ANY : of(bound);
        }
        if (type instanceof Class<?> plain) {
            if (plain == Map.class) {
                return MAP;
            }
            return plain.isPrimitive() || plain.isArray() || plain == Object.class || plain == Void.class
                    ? null
                    : new Subject(Kind.CLASS, plain);
        }
        if (type instanceof ParameterizedType generic) {
            if (generic.getRawType() == Map.class) {
                var key = generic.getActualTypeArguments()[0];
                var value = generic.getActualTypeArguments()[1];
                boolean isOpen = value == Object.class || value instanceof WildcardType;
                return key == String.class && isOpen ? MAP : null;
            }
            return hasVariable(generic) ? null : new Subject(Kind.CLASS, generic);
        }
        return null;
    }

    private static boolean hasVariable(Type type) {
        if (type instanceof ParameterizedType generic) {
            for (var argument : generic.getActualTypeArguments()) {
                if (hasVariable(argument)) {
                    return true;
                }
            }
            return false;
        }
        return type instanceof TypeVariable<?> || type instanceof GenericArrayType;
    }
}
