package dev.syncline.runtime.internal.wiring;

import dev.syncline.api.Delivery;
import dev.syncline.api.EventPublisher;
import dev.syncline.runtime.internal.handling.Invoker;
import dev.syncline.runtime.internal.handling.Step;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import org.jspecify.annotations.Nullable;

/**
 * Calls a method of the application by a handle that was bent at wiring time to the one shape that handling calls: no
 * array of arguments per call, and what the method throws arrives as it is.
 */
final class MethodInvoker implements Invoker {

    private static final MethodType SHAPE =
            MethodType.methodType(Object.class, Object.class, Delivery.class, EventPublisher.class);

    private final MethodHandle handle;

    private MethodInvoker(MethodHandle handle) {
        this.handle = handle;
    }

    @Override
    public @Nullable Object call(Object subject, Delivery delivery, EventPublisher publisher) throws Throwable {
        return (Object) handle.invokeExact(subject, delivery, publisher);
    }

    /**
     * Of a handler's method, whose parameters behind the first are {@code Delivery} and {@code EventPublisher} in any
     * order, or absent.
     *
     * @return null if the method's package is closed to us; then a fault was added
     */
    static @Nullable MethodInvoker of(Method method, @Nullable Object instance, Faults faults) {
        var bound = bound(method, instance, faults);
        if (bound == null) {
            return null;
        }
        var types = method.getParameterTypes();
        int[] order = new int[types.length];
        for (int i = 1; i < types.length; i++) {
            order[i] = types[i] == Delivery.class ? 1 : 2;
        }
        var loose =
                bound.asType(bound.type().changeParameterType(0, Object.class).changeReturnType(Object.class));
        return new MethodInvoker(MethodHandles.permuteArguments(loose, SHAPE, order));
    }

    /** Of a mapper's method with its one parameter. */
    static Step.@Nullable Mapper mapper(Method method, @Nullable Object instance, Faults faults) {
        var bound = bound(method, instance, faults);
        if (bound == null) {
            return null;
        }
        var loose = bound.asType(MethodType.methodType(Object.class, Object.class));
        return source -> (Object) loose.invokeExact(source);
    }

    private static @Nullable MethodHandle bound(Method method, @Nullable Object instance, Faults faults) {
        var owner = method.getDeclaringClass();
        try {
            var handle =
                    MethodHandles.privateLookupIn(owner, MethodHandles.lookup()).unreflect(method);
            return Modifier.isStatic(method.getModifiers()) ? handle : handle.bindTo(instance);
        } catch (IllegalAccessException | InaccessibleObjectException closed) {
            faults.add(Names.of(method) + " cannot be called: module "
                    + owner.getModule().getName() + " must say: opens " + owner.getPackageName()
                    + " to dev.syncline.runtime");
            return null;
        }
    }
}
