package dev.syncline.runtime.internal.assembly;

import com.google.inject.Guice;
import com.google.inject.Injector;
import dev.syncline.api.EventPublisher;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Makes handlers and mappers that were given as classes. Guice is loaded with the first one, not before. */
public final class GuiceInstances implements Function<Class<?>, Object> {

    private final EventPublisher publisher;
    private @Nullable Injector injector;

    /** Instances that may have the publisher injected. */
    public GuiceInstances(EventPublisher publisher) {
        this.publisher = publisher;
    }

    @Override
    public Object apply(Class<?> type) {
        if (injector == null) {
            injector = Guice.createInjector(
                    binder -> binder.bind(EventPublisher.class).toInstance(publisher));
        }
        return injector.getInstance(type);
    }
}
