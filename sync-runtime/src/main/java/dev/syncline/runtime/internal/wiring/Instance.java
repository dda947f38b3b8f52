package dev.syncline.runtime.internal.wiring;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A handler or mapper object and the class that the application wrote: a container may have put a generated subclass in
 * its place, whose methods carry no annotations.
 *
 * @param object what is called
 * @param declared the class to look at
 * @param isProxied whether the object's class is a generated subclass of it
 */
record Instance(Object object, Class<?> declared, boolean isProxied) {

    /**
     * Takes an instance, or makes one of a class.
     *
     * @return null if that failed; then a fault was added
     */
    static @Nullable Instance of(Object given, Function<Class<?>, Object> instances, Faults faults) {
        var object = given;
        if (given instanceof Class<?> type) {
            try {
                object = instances.apply(type);
            } catch (RuntimeException failure) {
                faults.add(Names.of(type) + " cannot be made: " + failure.getMessage()
                        + "; give its dependencies to the injector, or pass an instance");
                return null;
            }
        }
        if (Proxy.isProxyClass(object.getClass())) {
            faults.add("a JDK proxy of " + interfaces(object.getClass())
                    + " was given as handler or mapper, and its methods carry no annotations: let the container make"
                    + " class proxies (Spring: proxy-target-class = true)");
            return null;
        }
        var declared = object.getClass();
        while (isGenerated(declared)) {
            declared = declared.getSuperclass();
        }
        return new Instance(object, declared, declared != object.getClass());
    }

    /** On a generated subclass a private or final method runs on the empty shell, not on the object inside. */
    boolean canCall(Method method, Faults faults) {
        int modifiers = method.getModifiers();
        if (isProxied && (Modifier.isPrivate(modifiers) || Modifier.isFinal(modifiers))) {
            faults.add(Names.of(method) + " is " + (Modifier.isPrivate(modifiers) ? "private" : "final")
                    + ", and its object is a proxy of the container, on which such a method sees empty fields: make it"
                    + " package-private and not final");
            return false;
        }
        return true;
    }

    /** Guice: {@code $$EnhancerByGuice$$}; Spring: {@code $$SpringCGLIB$$}; Quarkus: {@code _Subclass}. */
    private static boolean isGenerated(Class<?> type) {
        var name = type.getName();
        return (name.contains("$$") && !name.contains("$$Lambda"))
                || name.endsWith("_ClientProxy")
                || name.endsWith("_Subclass");
    }

    private static String interfaces(Class<?> proxy) {
        var names = new StringBuilder();
        for (var each : proxy.getInterfaces()) {
            names.append(names.isEmpty() ? "" : ", ").append(Names.of(each));
        }
        return names.toString();
    }
}
