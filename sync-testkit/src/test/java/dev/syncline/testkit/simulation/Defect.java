package dev.syncline.testkit.simulation;

import static net.bytebuddy.matcher.ElementMatchers.nameContains;
import static net.bytebuddy.matcher.ElementMatchers.named;

import java.util.function.UnaryOperator;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.asm.MemberSubstitution;
import net.bytebuddy.dynamic.DynamicType;
import net.bytebuddy.implementation.FixedValue;
import net.bytebuddy.implementation.StubMethod;

/**
 * A defect of the runtime, planted while a class is loaded: what is compiled and shipped knows nothing of it.
 *
 * @param what it does wrong
 * @param sign what the simulation says of it
 * @param target the class below {@code dev.syncline.runtime.internal}
 * @param change what is done to it
 */
record Defect(String what, String sign, String target, UnaryOperator<DynamicType.Builder<?>> change) {

    static final String PACKAGE = "dev.syncline.runtime.internal.";

    /** Lets {@code code}, an advice in the package of the class, run around the method. */
    static Defect advice(String what, String sign, String target, String method, Class<?> code) {
        return new Defect(
                what, sign, target, builder -> builder.visit(Advice.to(code).on(named(method))));
    }

    /** Leaves out the calls of a method of another class; what they return is zero, false or null. */
    static Defect without(String what, String sign, String target, String method, String callee, String called) {
        return new Defect(
                what,
                sign,
                target,
                builder -> builder.visit(MemberSubstitution.relaxed()
                        .method(named(called)
                                .and(of -> of.getDeclaringType()
                                        .asErasure()
                                        .getSimpleName()
                                        .equals(callee)))
                        .stub()
                        .on(nameContains(method))));
    }

    /** Reads zero, false or null instead of a field. */
    static Defect blind(String what, String sign, String target, String method, String field) {
        return new Defect(
                what,
                sign,
                target,
                builder -> builder.visit(MemberSubstitution.relaxed()
                        .field(named(field))
                        .onRead()
                        .stub()
                        .on(nameContains(method))));
    }

    /** Answers always the same. */
    static Defect fixed(String what, String sign, String target, String method, Object answer) {
        return new Defect(
                what, sign, target, builder -> builder.method(named(method)).intercept(FixedValue.value(answer)));
    }

    /** Does nothing; what it answers is zero, false or null. */
    static Defect idle(String what, String sign, String target, String method) {
        return new Defect(
                what, sign, target, builder -> builder.method(named(method)).intercept(StubMethod.INSTANCE));
    }

    /** The name of its test. */
    @Override
    public String toString() {
        return what;
    }
}
