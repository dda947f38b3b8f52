package dev.syncline.runtime.internal.wiring;

import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.Locale;

/** How classes, methods and types are called in faults and reports. */
final class Names {

    private Names() {}

    /** {@code Outer.Inner}, without the package. */
    static String of(Class<?> type) {
        if (type.isArray()) {
            return of(type.getComponentType()) + "[]";
        }
        var name = type.getName();
        return name.substring(name.lastIndexOf('.') + 1).replace('$', '.');
    }

    /** As in source, without packages. */
    static String of(Type type) {
        return type instanceof Class<?> plain
                ? of(plain)
                : type.getTypeName()
                        .replaceAll("[\\w$]+\\.(?=[\\w$.]*[A-Z])", "")
                        .replace('$', '.');
    }

    /** {@code Class.method}, of the class that the application wrote. */
    static String of(Method method) {
        return of(method.getDeclaringClass()) + "." + method.getName();
    }

    /** {@code ShopSync} to {@code shop-sync}, {@code HTTPSync2} to {@code http-sync2}. */
    static String kebab(String simpleName) {
        return simpleName
                .replaceAll("([a-z0-9])([A-Z])", "$1-$2")
                .replaceAll("([A-Z])([A-Z][a-z])", "$1-$2")
                .toLowerCase(Locale.ROOT);
    }

    /** The type without its last segment: what all types of one entity share; empty if it has one segment only. */
    static String entity(String type) {
        int lastDot = type.lastIndexOf('.');
        return lastDot < 0 ? "" : type.substring(0, lastDot);
    }
}
