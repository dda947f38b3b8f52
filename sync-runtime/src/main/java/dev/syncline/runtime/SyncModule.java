package dev.syncline.runtime;

import com.google.inject.AbstractModule;
import com.google.inject.Binding;
import com.google.inject.Injector;
import com.google.inject.Key;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import dev.syncline.api.EventPublisher;
import dev.syncline.api.MapsTo;
import dev.syncline.api.OnEvent;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Syncline for an application on Guice: handlers and mappers are found among the injector's own bindings, and
 * {@link Sync} and {@link EventPublisher} can be injected. What is built is what {@link Sync.Builder} builds.
 *
 * <pre>{@code
 * var injector = Guice.createInjector(
 *         new SyncModule("shop", sync -> sync.broker("kafka://localhost:9092")),
 *         new AbstractModule() {
 *             protected void configure() {
 *                 bind(ShopSync.class);           // @SyncHandler, or any class with @OnEvent methods
 *                 bind(ShopMappers.class);        // any class with @MapsTo methods
 *             }
 *         });
 * Sync sync = injector.getInstance(Sync.class);
 * sync.start();
 * }</pre>
 *
 * <p>Bindings whose key is a class with {@link OnEvent} or {@link MapsTo} methods are found, however they are made;
 * a handler bound only under an interface is not, bind its class. The publisher may be injected into handlers and into
 * what they need. Starting and closing are the application's.
 */
public final class SyncModule extends AbstractModule {

    private final Sync.Builder builder;

    /**
     * A module of one application.
     *
     * @param name as for {@link Sync#builder}
     * @param settings says broker, routes and the rest, as without Guice
     */
    public SyncModule(String name, Consumer<Sync.Builder> settings) {
        Objects.requireNonNull(settings, "settings");
        this.builder = Sync.builder(name);
        settings.accept(builder);
    }

    @Provides
    @Singleton
    EventPublisher publisher() {
        return builder.publisher();
    }

    @Provides
    @Singleton
    Sync sync(Injector injector) {
        var handlers = new LinkedHashSet<Object>();
        var mappers = new LinkedHashSet<Object>();
        for (var binding : bindings(injector).values()) {
            var type = binding.getKey().getTypeLiteral().getRawType();
            if (hasMethodWith(type, true)) {
                handlers.add(binding.getProvider().get());
            } else if (hasMethodWith(type, false)) {
                mappers.add(binding.getProvider().get());
            }
        }
        return builder.handlers(new ArrayList<>(distinct(handlers)).toArray())
                .mappers(new ArrayList<>(distinct(mappers)).toArray())
                .build();
    }

    private static Map<Key<?>, Binding<?>> bindings(Injector injector) {
        var all = new HashMap<Key<?>, Binding<?>>();
        for (Injector one = injector; one != null; one = one.getParent()) {
            one.getAllBindings().forEach(all::putIfAbsent);
        }
        return all;
    }

    /** One instance per class: a class may be bound under several keys. */
    private static Set<Object> distinct(Set<Object> instances) {
        var byClass = new HashMap<Class<?>, Object>();
        for (var instance : instances) {
            byClass.putIfAbsent(instance.getClass(), instance);
        }
        return new LinkedHashSet<>(byClass.values());
    }

    private static boolean hasMethodWith(Class<?> type, boolean onEvent) {
        for (Class<?> c = type; c != null && c != Object.class; c = c.getSuperclass()) {
            for (Method method : c.getDeclaredMethods()) {
                if (onEvent ? method.isAnnotationPresent(OnEvent.class) : method.isAnnotationPresent(MapsTo.class)) {
                    return true;
                }
            }
        }
        return false;
    }
}
