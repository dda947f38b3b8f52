package dev.syncline.api;

import java.lang.annotation.Annotation;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.math.BigInteger;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a payload class says of itself by annotations, read once per class. The {@link ClassValue} holds nothing that
 * could change, and goes when the class is unloaded.
 */
final class PayloadModel {

    private static final ClassValue<PayloadModel> MODELS = new ClassValue<>() {
        @Override
        protected PayloadModel computeValue(Class<?> type) {
            return read(type);
        }
    };

    private final @Nullable String type;
    private final int version;
    private final boolean delete;
    private final @Nullable MethodHandle key;
    private final @Nullable MethodHandle entityVersion;
    private final Class<?> owner;

    private PayloadModel(
            Class<?> owner,
            @Nullable EventType declared,
            @Nullable MethodHandle key,
            @Nullable MethodHandle entityVersion) {
        this.owner = owner;
        this.type = declared == null ? null : declared.value();
        this.version = declared == null ? 1 : declared.version();
        this.delete = declared != null && declared.kind() == EventType.Kind.DELETE;
        this.key = key;
        this.entityVersion = entityVersion;
    }

    static PayloadModel of(Class<?> payload) {
        return MODELS.get(payload);
    }

    @Nullable
    String type() {
        return type;
    }

    boolean isDelete() {
        return delete;
    }

    Map<String, String> attributes(String eventType, Object payload) {
        var attributes = new HashMap<String, String>();
        attributes.put("type", eventType);
        attributes.put("dataversion", Integer.toString(version));
        if (key != null) {
            attributes.put("partitionkey", keyText(call(key, payload)));
        }
        if (entityVersion != null) {
            attributes.put("entityversion", versionText(call(entityVersion, payload)));
        }
        return attributes;
    }

    /** Padded, so that it sorts as text, too. */
    static String entityVersion(long version) {
        if (version < 0) {
            throw new IllegalArgumentException("entity version must not be negative: " + version);
        }
        var digits = Long.toString(version);
        return "0".repeat(19 - digits.length()) + digits;
    }

    static String entityVersion(Instant version) {
        return entityVersion(ChronoUnit.MICROS.between(Instant.EPOCH, version));
    }

    private String versionText(@Nullable Object value) {
        try {
            if (value instanceof Instant instant) {
                return entityVersion(instant);
            }
            if (value instanceof Number number) {
                return entityVersion(number.longValue());
            }
        } catch (IllegalArgumentException negative) {
            throw new ContractException(
                    "no.entity.version",
                    "@EntityVersion of " + owner.getName() + " cannot be used: " + negative.getMessage(),
                    negative);
        }
        throw new ContractException("no.entity.version", "@EntityVersion of " + owner.getName() + " is null");
    }

    private String keyText(@Nullable Object value) {
        var text = value instanceof Enum<?> constant ? constant.name() : value == null ? "" : value.toString();
        if (text.isEmpty()) {
            throw new ContractException(
                    "no.key",
                    "@EventKey of " + owner.getName() + " is null or empty: every event of it needs its entity");
        }
        return text;
    }

    private @Nullable Object call(MethodHandle accessor, Object payload) {
        try {
            return accessor.invoke(payload);
        } catch (RuntimeException | Error failure) {
            throw failure;
        } catch (Throwable failure) {
            throw new ContractException(
                    "payload.accessor", "cannot read key or version of " + owner.getName() + ": " + failure, failure);
        }
    }

    private static PayloadModel read(Class<?> type) {
        return new PayloadModel(
                type,
                type.getAnnotation(EventType.class),
                accessor(type, EventKey.class, "String, an integer number, UUID or an enum", PayloadModel::isKeyType),
                accessor(type, EntityVersion.class, "long, int or Instant", PayloadModel::isVersionType));
    }

    private static boolean isKeyType(Class<?> type) {
        return type == String.class
                || type == UUID.class
                || type.isEnum()
                || type == int.class
                || type == long.class
                || type == short.class
                || type == Integer.class
                || type == Long.class
                || type == Short.class
                || type == BigInteger.class;
    }

    private static boolean isVersionType(Class<?> type) {
        return type == long.class
                || type == int.class
                || type == Long.class
                || type == Integer.class
                || type == Instant.class;
    }

    private static @Nullable MethodHandle accessor(
            Class<?> type, Class<? extends Annotation> mark, String allowed, Predicate<Class<?>> fits) {
        var found = marked(type, mark);
        if (found.isEmpty()) {
            return null;
        }
        var where = "@" + mark.getSimpleName() + " in " + type.getName();
        if (found.size() > 1) {
            throw new ContractException("payload.model", where + " stands on " + found.size() + " members; mark one");
        }
        var member = found.get(0);
        var valueType = member instanceof Field field ? field.getType() : ((Method) member).getReturnType();
        if (!fits.test(valueType)) {
            throw new ContractException(
                    "payload.model", where + " is of type " + valueType.getName() + "; it must be " + allowed);
        }
        try {
            var lookup = MethodHandles.lookup();
            if (member instanceof Field field) {
                field.setAccessible(true);
                return lookup.unreflectGetter(field);
            }
            var method = (Method) member;
            method.setAccessible(true);
            return lookup.unreflect(method);
        } catch (IllegalAccessException | InaccessibleObjectException closed) {
            throw new ContractException(
                    "payload.model",
                    where + " cannot be read: open package " + type.getPackageName() + " to module dev.syncline.api",
                    closed);
        }
    }

    /** A mark on a record component is copied to its field and its accessor by the compiler: that is one mark. */
    private static List<Member> marked(Class<?> type, Class<? extends Annotation> mark) {
        var fields = new ArrayList<Member>();
        var methods = new ArrayList<Member>();
        for (Class<?> c = type; c != null && c != Object.class; c = c.getSuperclass()) {
            for (var field : c.getDeclaredFields()) {
                if (isMarked(field, field, mark)) {
                    fields.add(field);
                }
            }
            for (var method : c.getDeclaredMethods()) {
                if (isMarked(method, method, mark) && method.getParameterCount() == 0 && !method.isBridge()) {
                    methods.add(method);
                }
            }
        }
        if (type.isRecord()) {
            methods.removeIf(
                    method -> fields.stream().anyMatch(field -> field.getName().equals(method.getName())));
        }
        fields.addAll(methods);
        return fields;
    }

    private static boolean isMarked(AnnotatedElement element, Member member, Class<? extends Annotation> mark) {
        return !Modifier.isStatic(member.getModifiers()) && element.isAnnotationPresent(mark);
    }
}
