package dev.syncline.runtime.internal.assembly;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Providers of one kind, by the URI schemes that they serve.
 *
 * @param <P> the kind
 */
final class Providers<P> {

    private final Class<P> type;
    private final Function<P, Set<String>> schemes;
    private final Map<String, P> byScheme = new LinkedHashMap<>();
    private final List<String> asked = new ArrayList<>();

    /**
     * Looks for providers.
     *
     * @param given those that the application passed in; they win
     */
    Providers(Class<P> type, Function<P, Set<String>> schemes, List<P> given) {
        this.type = type;
        this.schemes = schemes;
        given.forEach(this::add);
        load(type.getClassLoader(), "the class loader of Syncline");
        load(Thread.currentThread().getContextClassLoader(), "the context class loader");
    }

    /** The one for a scheme; null if there is none. */
    @Nullable
    P find(String scheme) {
        return byScheme.get(scheme);
    }

    /** The schemes that are served. */
    Set<String> found() {
        return new TreeSet<>(byScheme.keySet());
    }

    /** Where it was looked. */
    List<String> asked() {
        return asked;
    }

    private void load(@Nullable ClassLoader loader, String name) {
        if (loader == null) {
            return;
        }
        asked.add(name + " (" + loader + ")");
        var providers = ServiceLoader.load(type, loader).iterator();
        while (true) {
            try {
                if (!providers.hasNext()) {
                    return;
                }
                add(providers.next());
            } catch (ServiceConfigurationError broken) {
                asked.add("which has a broken provider: " + broken.getMessage());
            }
        }
    }

    private void add(P provider) {
        schemes.apply(provider).forEach(scheme -> byScheme.putIfAbsent(scheme, provider));
    }
}
