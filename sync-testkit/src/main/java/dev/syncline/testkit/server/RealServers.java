package dev.syncline.testkit.server;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestInstancePostProcessor;

/** Hands out the servers that annotations ask for, and ends them: shared ones with the run, others with their test class. */
final class RealServers implements ParameterResolver, BeforeAllCallback, TestInstancePostProcessor, BeforeEachCallback {

    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(RealServers.class);

    RealServers() {}

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.isAnnotated(RealKafka.class) || parameter.isAnnotated(RealRedis.class);
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        try {
            ServerRequest request = ServerRequest.on(
                            parameter.getParameter(), parameter.getParameter().getType())
                    .orElseThrow();
            return serverFor(request, context);
        } catch (IllegalArgumentException e) {
            throw new ParameterResolutionException(String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IllegalAccessException {
        inject(context.getRequiredTestClass(), null, context);
    }

    @Override
    public void postProcessTestInstance(Object instance, ExtensionContext context) throws IllegalAccessException {
        inject(instance.getClass(), instance, context);
    }

    private static void inject(Class<?> type, @Nullable Object instance, ExtensionContext context)
            throws IllegalAccessException {
        for (Class<?> owner = type; owner != null && owner != Object.class; owner = owner.getSuperclass()) {
            for (Field field : owner.getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers()) == (instance == null)) {
                    inject(field, instance, context);
                }
            }
        }
    }

    private static void inject(Field field, @Nullable Object instance, ExtensionContext context)
            throws IllegalAccessException {
        try {
            Optional<ServerRequest> request = ServerRequest.on(field, field.getType());
            if (request.isPresent()) {
                if (Modifier.isFinal(field.getModifiers())) {
                    throw new IllegalArgumentException(field + " is final, so no server can be put into it");
                }
                field.setAccessible(true);
                field.set(instance, serverFor(request.get(), context));
            }
        } catch (IllegalArgumentException e) {
            throw new ExtensionConfigurationException(String.valueOf(e.getMessage()), e);
        }
    }

    /** Servers that the tests of a class may treat badly are brought back for the next one. */
    @Override
    public void beforeEach(ExtensionContext context) {
        servers(outermostClass(context)).reviveAll();
    }

    private static ServerProcess serverFor(ServerRequest request, ExtensionContext context) {
        if (request.exclusive()) {
            return servers(outermostClass(context)).get(request, false);
        }
        return servers(context.getRoot()).get(request, true);
    }

    private static ExtensionContext outermostClass(ExtensionContext context) {
        ExtensionContext outermost = context;
        for (Optional<ExtensionContext> at = Optional.of(context);
                at.isPresent();
                at = at.get().getParent()) {
            if (at.get().getTestClass().isPresent()) {
                outermost = at.get();
            }
        }
        return outermost;
    }

    private static Servers servers(ExtensionContext scope) {
        return scope.getStore(NAMESPACE).computeIfAbsent(scope.getUniqueId(), id -> new Servers(), Servers.class);
    }

    /** The servers of one scope, by what was asked for; closed by JUnit with the scope. */
    static final class Servers implements AutoCloseable {

        private final Map<ServerRequest, ServerProcess> running = new ConcurrentHashMap<>();

        ServerProcess get(ServerRequest request, boolean shared) {
            return running.computeIfAbsent(request, asked -> {
                ServerProcess server = asked.start();
                if (shared) {
                    server.share();
                }
                return server;
            });
        }

        void reviveAll() {
            running.values().forEach(ServerProcess::revive);
        }

        @Override
        public void close() {
            running.values().forEach(ServerProcess::end);
        }
    }
}
