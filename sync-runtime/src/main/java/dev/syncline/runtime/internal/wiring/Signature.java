package dev.syncline.runtime.internal.wiring;

import dev.syncline.api.BatchOutcome;
import dev.syncline.api.Change;
import dev.syncline.api.Delivery;
import dev.syncline.api.Event;
import dev.syncline.api.EventPublisher;
import dev.syncline.api.EventType;
import dev.syncline.api.OnEvent;
import dev.syncline.api.Outcome;
import dev.syncline.runtime.internal.handling.Answer;
import dev.syncline.runtime.internal.handling.Shape;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Understands the signature of one {@code @OnEvent} method, or says what is wrong with it. */
final class Signature {

    private final Method method;
    private final String name;
    private final Faults faults;
    private boolean isWrong;

    private Signature(Method method, Faults faults) {
        this.method = method;
        this.name = Names.of(method);
        this.faults = faults;
    }

    /** The method, understood; null if it cannot be one of a handler, then faults were added. */
    static @Nullable HandlerMethod read(Method method, Instance instance, Catalogue catalogue, Faults faults) {
        return new Signature(method, faults).read(instance, catalogue);
    }

    private @Nullable HandlerMethod read(Instance instance, Catalogue catalogue) {
        isWrong |= !instance.canCall(method, faults);
        if (method.getParameterCount() == 0) {
            wrong("has no parameter; the first one is the payload, Event<T>, Change<T> or a List of one of these");
            return null;
        }
        var first = method.getGenericParameterTypes()[0];
        boolean isList = raw(first) == List.class;
        var item = isList ? argument(first) : first;
        var shape = item == null ? Shape.PAYLOAD : shape(item);
        var subject = item == null ? null : subject(item, shape);
        if (subject == null || isNotAPayload(subject)) {
            wrong("takes " + Names.of(first)
                    + " first; it must be the payload (a class, Map<String, Object> or byte[]),"
                    + " Event<T>, Change<T> or a List of one of these");
        } else if (subject.kind() == Subject.Kind.ANY && shape == Shape.PAYLOAD) {
            wrong("takes " + Names.of(first) + "; without a payload class take Event<?> or Map<String, Object>");
        }
        further();
        var answer = answer(isList, catalogue);
        if (isWrong || subject == null || answer == null) {
            return null;
        }
        catalogue.add(subject.type());
        var invoker = MethodInvoker.of(method, instance.object(), faults);
        return invoker == null
                ? null
                : new HandlerMethod(
                        name,
                        List.of(method.getAnnotation(OnEvent.class).value()),
                        shape,
                        isList,
                        subject,
                        answer,
                        isStage(),
                        invoker);
    }

    private static Shape shape(Type type) {
        var raw = raw(type);
        if (raw == Event.class) {
            return Shape.EVENT;
        }
        return raw == Change.class ? Shape.CHANGE : Shape.PAYLOAD;
    }

    private static @Nullable Subject subject(Type item, Shape shape) {
        if (shape == Shape.PAYLOAD) {
            return Subject.of(item);
        }
        var argument = argument(item); // without one, Event is Event<?>
        return argument == null || argument == Object.class ? Subject.ANY : Subject.of(argument);
    }

    /** A class of ours or of the JDK's collections is a mistake in the shape, not a payload without mapper. */
    private static boolean isNotAPayload(Subject subject) {
        var type = subject.kind() == Subject.Kind.CLASS ? raw(subject.type()) : null;
        return type != null
                && (type.getPackageName().equals("dev.syncline.api")
                        || type.getPackageName().equals("java.util")
                        || type.getName().equals("java.sql.Connection"));
    }

    private void further() {
        Set<Class<?>> seen = new HashSet<>();
        var types = method.getParameterTypes();
        for (var type : Arrays.asList(types).subList(1, types.length)) {
            if (type.getName().equals("java.sql.Connection")) {
                wrong("takes a java.sql.Connection: transactions are not available yet; let the method open its own"
                        + " connection");
            } else if (type != Delivery.class && type != EventPublisher.class) {
                wrong("takes a " + Names.of(type)
                        + "; behind the first parameter there may be Delivery and EventPublisher");
            } else if (!seen.add(type)) {
                wrong("takes " + Names.of(type) + " twice");
            }
        }
    }

    private @Nullable Answer answer(boolean isList, Catalogue catalogue) {
        var declared = method.getGenericReturnType();
        if (declared == void.class) {
            return Answer.NOTHING;
        }
        var type = isStage() ? argument(declared) : declared;
        if (type == Outcome.class) {
            return Answer.OUTCOME;
        }
        if (type == BatchOutcome.class) {
            if (!isList) {
                wrong("returns BatchOutcome, but takes no List");
                return null;
            }
            return Answer.BATCH_OUTCOME;
        }
        if (isStage() && type == Void.class) {
            return Answer.NOTHING;
        }
        if (!isStage() && type instanceof Class<?> plain && plain.isAnnotationPresent(EventType.class)) {
            catalogue.add(plain);
            return Answer.EVENT;
        }
        wrong("returns " + Names.of(declared)
                + "; it must be void, Outcome, BatchOutcome (with a List), a class with @EventType, or CompletionStage of"
                + " Void, Outcome or BatchOutcome; to publish several events return Outcome.publish(…)");
        return null;
    }

    private boolean isStage() {
        return CompletionStage.class.isAssignableFrom(method.getReturnType());
    }

    private void wrong(String what) {
        isWrong = true;
        faults.add(name + " " + what);
    }

    private static @Nullable Class<?> raw(Type type) {
        if (type instanceof ParameterizedType generic && generic.getRawType() instanceof Class<?> raw) {
            return raw;
        }
        return type instanceof Class<?> plain ? plain : null;
    }

    private static @Nullable Type argument(Type type) {
        return type instanceof ParameterizedType generic ? generic.getActualTypeArguments()[0] : null;
    }
}
