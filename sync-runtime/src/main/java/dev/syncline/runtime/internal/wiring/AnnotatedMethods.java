package dev.syncline.runtime.internal.wiring;

import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds the methods of a class that carry an annotation, inherited ones among them, in an order that does not change
 * from run to run. An annotation that an override or an interface hides is a fault, not silence.
 */
final class AnnotatedMethods {

    private AnnotatedMethods() {}

    static List<Method> of(Class<?> declared, Class<? extends Annotation> mark, Faults faults) {
        var found = new ArrayList<Method>();
        Set<String> seen = new HashSet<>();
        for (Class<?> c = declared; c != null && c != Object.class; c = c.getSuperclass()) {
            for (var method : sorted(c)) {
                boolean isFirst = Modifier.isPrivate(method.getModifiers())
                        || Modifier.isStatic(method.getModifiers())
                        || seen.add(signature(method));
                if (method.isAnnotationPresent(mark)) {
                    if (isFirst) {
                        found.add(method);
                    } else {
                        hidden(declared, method, mark, found, faults);
                    }
                }
            }
        }
        for (var each : interfacesOf(declared)) {
            for (var method : sorted(each)) {
                if (method.isAnnotationPresent(mark)) {
                    hidden(declared, method, mark, found, faults);
                }
            }
        }
        return found;
    }

    private static void hidden(
            Class<?> declared, Method method, Class<? extends Annotation> mark, List<Method> found, Faults faults) {
        boolean isRepeated = found.stream().anyMatch(other -> signature(other).equals(signature(method)));
        if (!isRepeated) {
            faults.add(Names.of(method) + " carries @" + mark.getSimpleName() + ", but " + Names.of(declared)
                    + " does not inherit it: put the annotation on a method of the class itself");
        }
    }

    private static List<Method> sorted(Class<?> type) {
        return Arrays.stream(type.getDeclaredMethods())
                .filter(method -> !method.isBridge() && !method.isSynthetic())
                .sorted(Comparator.comparing(Method::getName).thenComparing(AnnotatedMethods::signature))
                .toList();
    }

    private static String signature(Method method) {
        return method.getName() + Arrays.toString(method.getParameterTypes());
    }

    private static Set<Class<?>> interfacesOf(Class<?> type) {
        Set<Class<?>> all = new HashSet<>();
        for (Class<?> c = type; c != null; c = c.getSuperclass()) {
            for (var each : c.getInterfaces()) {
                if (all.add(each)) {
                    all.addAll(interfacesOf(each));
                }
            }
        }
        return all;
    }
}
