package dev.syncline.runtime.internal.wiring;

import dev.syncline.api.Event;
import dev.syncline.api.EventHandler;
import dev.syncline.api.MapsTo;
import dev.syncline.api.OnEvent;
import dev.syncline.api.SyncHandler;
import dev.syncline.runtime.internal.handling.Answer;
import dev.syncline.runtime.internal.handling.Shape;
import dev.syncline.runtime.internal.wiring.Declarations.LambdaHandler;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Reads handler classes and lambdas into {@link Handler}s. */
final class Handlers {

    private static final Pattern ID = Pattern.compile("[a-z][a-z0-9-]{0,62}");

    private final Catalogue catalogue;
    private final Faults faults;
    private final List<Handler> all = new ArrayList<>();
    private final Map<String, Handler> byLooseId = new HashMap<>();

    Handlers(Catalogue catalogue, Faults faults) {
        this.catalogue = catalogue;
        this.faults = faults;
    }

    List<Handler> all() {
        return all;
    }

    /** Reads a handler class. */
    void add(Object given, Function<Class<?>, Object> instances) {
        if (given instanceof EventHandler<?>) {
            faults.add("an EventHandler was given to handlers(…) without an id: use handler(id, payload, lambda)");
            return;
        }
        var instance = Instance.of(given, instances, faults);
        if (instance == null) {
            return;
        }
        var type = instance.declared();
        var declared = type.getAnnotation(SyncHandler.class);
        var methods = new ArrayList<HandlerMethod>();
        var marked = AnnotatedMethods.of(type, OnEvent.class, faults);
        if (marked.isEmpty()) {
            faults.add(Names.of(type) + " has no @OnEvent method: "
                    + (hasMappers(type)
                            ? "give it to mappers(…), not to handlers(…)"
                            : "put @OnEvent on what handles events, or do not give it to handlers(…)"));
        }
        for (var method : marked) {
            var read = Signature.read(method, instance, catalogue, faults);
            if (read != null) {
                methods.add(withTypes(read));
            }
        }
        var own = new Mappers(catalogue, faults);
        own.addAll(instance);
        var id = declared == null ? Names.kebab(type.getSimpleName()) : declared.value();
        register(new Handler(id, Names.of(type), declared, methods, own.methods()));
    }

    /** Reads a lambda, which goes the same way as a method that takes an event and its delivery. */
    void add(LambdaHandler lambda) {
        var where = "handler(\"" + lambda.id() + "\")";
        var subject = lambda.types().isEmpty() ? Subject.of(lambda.payload()) : Subject.MAP;
        if (subject == null) {
            faults.add(where + " takes " + Names.of(lambda.payload()) + ", which is no payload class");
            return;
        }
        catalogue.add(subject.type());
        @SuppressWarnings("unchecked") // the path leads to the class that the lambda was declared with
        var handler = (EventHandler<Object>) lambda.handler();
        @SuppressWarnings("unchecked")
        var method = new HandlerMethod(
                where,
                lambda.types().isEmpty() ? List.of() : List.of(lambda.types()),
                Shape.EVENT,
                false,
                subject,
                Answer.OUTCOME,
                false,
                (event, delivery, publisher) -> handler.handle((Event<Object>) event, delivery));
        register(new Handler(lambda.id(), where, null, List.of(withTypes(method)), List.of()));
    }

    /** A method that names no types takes the one of its payload class. */
    private HandlerMethod withTypes(HandlerMethod method) {
        if (!method.types().isEmpty()) {
            return method;
        }
        var payload = catalogue.of(method.subject().type());
        if (payload == null) {
            faults.add(method.name() + " does not say which events it takes, and "
                    + Names.of(method.subject().type())
                    + " has no @EventType: name them, as in @OnEvent(\"catalog.product.changed\")");
            return method;
        }
        return method.withTypes(List.of(payload.name()));
    }

    private void register(Handler handler) {
        if (!ID.matcher(handler.id()).matches()) {
            faults.add(handler.where() + ": id \"" + handler.id()
                    + "\" must begin with a lower-case letter and have only lower-case letters, digits and dashes, at"
                    + " most 63; set it with @SyncHandler");
        }
        var before = byLooseId.putIfAbsent(handler.id().replace("-", ""), handler);
        if (before != null) {
            faults.add(handler.where() + ": id \"" + handler.id() + "\" is also that of " + before.where()
                    + (before.id().equals(handler.id()) ? "" : " but for a dash, which settings do not see")
                    + "; order, position and parked keys hang on it, so give each handler its own");
            return;
        }
        all.add(handler);
    }

    private static boolean hasMappers(Class<?> type) {
        for (var method : type.getDeclaredMethods()) {
            if (method.isAnnotationPresent(MapsTo.class)) {
                return true;
            }
        }
        return false;
    }
}
