package dev.syncline.runtime.internal.wiring;

import dev.syncline.api.MapsTo;
import dev.syncline.api.OnEvent;
import dev.syncline.runtime.internal.handling.Step;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The {@code @MapsTo} methods of one scope: of all mapper classes, or of one handler class for itself. */
final class Mappers {

    private final List<MapperMethod> methods = new ArrayList<>();
    private final Catalogue catalogue;
    private final Faults faults;

    Mappers(Catalogue catalogue, Faults faults) {
        this.catalogue = catalogue;
        this.faults = faults;
    }

    /** Takes all mappers of an object. */
    void addAll(Instance instance) {
        for (var method : AnnotatedMethods.of(instance.declared(), MapsTo.class, faults)) {
            if (method.isAnnotationPresent(OnEvent.class)) {
                faults.add(Names.of(method) + " is both @OnEvent and @MapsTo: a mapper has no effects; split it");
            } else if (instance.canCall(method, faults)) {
                add(method, instance.object());
            }
        }
    }

    List<MapperMethod> methods() {
        return methods;
    }

    private void add(Method method, Object object) {
        var name = Names.of(method);
        if (method.getParameterCount() != 1) {
            faults.add(name + " has " + method.getParameterCount()
                    + " parameters; a @MapsTo method has one, what it maps from");
            return;
        }
        var from = source(method);
        var to = target(method);
        if (from == null || to == null) {
            return;
        }
        catalogue.add(from);
        catalogue.add(to);
        var mapper = MethodInvoker.mapper(method, object, faults);
        if (mapper == null) {
            return;
        }
        var added = new MapperMethod(from, to, new Step(name, result(method), mapper));
        for (var other : methods) {
            if (other.from().equals(from) && other.to().equals(to)) {
                faults.add(name + " and " + other + " both map " + Names.of(from) + " to " + Names.of(to)
                        + ": remove one, or move it into the handler that it is for");
                return;
            }
        }
        methods.add(added);
    }

    private @Nullable Type source(Method method) {
        var type = method.getGenericParameterTypes()[0];
        var subject = Subject.of(type);
        boolean isEnvelope = type instanceof ParameterizedType generic
                && generic.getRawType() instanceof Class<?> raw
                && raw.getName().startsWith("dev.syncline.api.");
        if (subject == null || subject.kind() == Subject.Kind.ANY || isEnvelope) {
            faults.add(Names.of(method) + " maps from " + Names.of(type)
                    + "; it must be a class, Map<String, Object> or byte[]: mappers see payloads, not envelopes");
            return null;
        }
        return subject.type();
    }

    private @Nullable Type target(Method method) {
        var type = method.getGenericReturnType();
        if (result(method) != Step.Result.ONE) {
            if (!(type instanceof ParameterizedType generic)) {
                faults.add(Names.of(method) + " returns " + Names.of(type) + " without saying of what; write "
                        + Names.of(type) + "<Target>");
                return null;
            }
            type = generic.getActualTypeArguments()[0];
        }
        var subject = Subject.of(type);
        if (subject == null || subject.kind() != Subject.Kind.CLASS) {
            faults.add(Names.of(method) + " returns " + Names.of(method.getGenericReturnType())
                    + "; it must return a class, or Optional or List of one");
            return null;
        }
        return subject.type();
    }

    private static Step.Result result(Method method) {
        if (method.getReturnType() == Optional.class) {
            return Step.Result.OPTIONAL;
        }
        return method.getReturnType() == List.class ? Step.Result.LIST : Step.Result.ONE;
    }
}
