package dev.syncline.runtime.internal.mutants;

import static net.bytebuddy.matcher.ElementMatchers.nameContains;
import static net.bytebuddy.matcher.ElementMatchers.named;

import java.util.function.UnaryOperator;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.asm.MemberSubstitution;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.dynamic.DynamicType;
import net.bytebuddy.implementation.FixedValue;
import net.bytebuddy.implementation.StubMethod;
import net.bytebuddy.matcher.ElementMatcher;

/**
 * One change of one class.
 *
 * @param target name of the class below {@code dev.syncline}
 * @param change what is done to it
 */
record Patch(String target, UnaryOperator<DynamicType.Builder<?>> change) {

    /** Lets {@code code}, an advice in the package of the class, run around the method. */
    static Patch advice(String target, String method, Class<?> code) {
        return new Patch(target, builder -> builder.visit(Advice.to(code).on(named(method))));
    }

    /** Leaves out the calls of a method of another class; what they return is zero, false or null. */
    static Patch without(String target, String method, String callee, String called) {
        return new Patch(
                target,
                builder -> builder.visit(MemberSubstitution.relaxed()
                        .method(named(called).and(declaredIn(callee)))
                        .stub()
                        .on(nameContains(method))));
    }

    /** Reads zero, false or null instead of a field. */
    static Patch blind(String target, String method, String field) {
        return new Patch(
                target,
                builder -> builder.visit(MemberSubstitution.relaxed()
                        .field(named(field))
                        .onRead()
                        .stub()
                        .on(nameContains(method))));
    }

    /** Answers always the same. */
    static Patch fixed(String target, String method, Object answer) {
        return new Patch(target, builder -> builder.method(named(method)).intercept(FixedValue.value(answer)));
    }

    /** Does nothing; what it answers is zero, false or null. */
    static Patch idle(String target, String method) {
        return new Patch(target, builder -> builder.method(named(method)).intercept(StubMethod.INSTANCE));
    }

    private static ElementMatcher<MethodDescription> declaredIn(String simpleName) {
        return method -> method.getDeclaringType().asErasure().getSimpleName().equals(simpleName);
    }
}
