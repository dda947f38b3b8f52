package dev.syncline.runtime.internal.wiring;

import dev.syncline.api.EntityVersion;
import dev.syncline.api.EventKey;
import java.lang.annotation.Annotation;
import java.lang.reflect.Member;
import java.lang.reflect.Modifier;
import java.math.BigInteger;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Looks at the {@code @EventKey} and {@code @EntityVersion} of a payload class, so that what is wrong with them is told
 * at start and not with the first event.
 */
final class PayloadMarks {

    private static final Set<Class<?>> KEYS = Set.of(
            String.class,
            UUID.class,
            int.class,
            long.class,
            short.class,
            Integer.class,
            Long.class,
            Short.class,
            BigInteger.class);
    private static final Set<Class<?>> VERSIONS =
            Set.of(long.class, int.class, Long.class, Integer.class, Instant.class);

    private PayloadMarks() {}

    static void check(Class<?> payload, Faults faults) {
        check(payload, EventKey.class, KEYS, "String, an integer number, UUID or an enum", faults);
        check(payload, EntityVersion.class, VERSIONS, "long, int or Instant", faults);
    }

    private static void check(
            Class<?> payload, Class<? extends Annotation> mark, Set<Class<?>> allowed, String text, Faults faults) {
        var marked = marked(payload, mark);
        var where = Names.of(payload) + ": @" + mark.getSimpleName();
        if (marked.size() > 1) {
            faults.add(where + " stands on " + marked.keySet() + "; mark one member");
        }
        marked.forEach((name, type) -> {
            boolean isEnumKey = mark == EventKey.class && type.isEnum();
            if (!allowed.contains(type) && !isEnumKey) {
                faults.add(where + " stands on " + name + ", which is a " + Names.of(type) + "; it must be " + text);
            }
        });
    }

    /** A mark on a record's component is copied to its field and its accessor: that is one mark. */
    private static Map<String, Class<?>> marked(Class<?> payload, Class<? extends Annotation> mark) {
        var members = new LinkedHashMap<String, Class<?>>();
        Set<String> overridden = new HashSet<>();
        for (Class<?> c = payload; c != null && c != Object.class; c = c.getSuperclass()) {
            for (var field : c.getDeclaredFields()) {
                if (field.isAnnotationPresent(mark) && !isStatic(field)) {
                    members.put(field.getName(), field.getType());
                }
            }
            for (var method : c.getDeclaredMethods()) {
                boolean isAccessor = method.getParameterCount() == 0 && !method.isBridge() && !isStatic(method);
                if (isAccessor && method.isAnnotationPresent(mark) && overridden.add(method.getName())) {
                    members.put(method.getName() + (payload.isRecord() ? "" : "()"), method.getReturnType());
                }
            }
        }
        return members;
    }

    private static boolean isStatic(Member member) {
        return Modifier.isStatic(member.getModifiers());
    }
}
