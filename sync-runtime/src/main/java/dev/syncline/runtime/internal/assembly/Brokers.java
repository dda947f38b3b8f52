package dev.syncline.runtime.internal.assembly;

import dev.syncline.api.ConfigurationException;
import dev.syncline.runtime.internal.wiring.Declarations.BrokerDeclaration;
import dev.syncline.spi.BrokerAddress;
import dev.syncline.spi.BrokerContext;
import dev.syncline.spi.BrokerProvider;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Finds the adapter of each declared broker by the scheme of its URI. */
final class Brokers {

    static final String LOCAL = "local";

    private final Map<String, BrokerProvider> byScheme = new LinkedHashMap<>();
    private final List<String> asked = new ArrayList<>();

    /**
     * Looks for adapters.
     *
     * @param given those that the application passed in; they win
     */
    Brokers(List<BrokerProvider> given) {
        given.forEach(this::add);
        load(BrokerProvider.class.getClassLoader(), "the class loader of Syncline");
        load(Thread.currentThread().getContextClassLoader(), "the context class loader");
    }

    /** What a broker is to be opened with. */
    static BrokerContext context(String application, BrokerDeclaration declaration, InstantSource clock) {
        var address = BrokerAddress.parse(declaration.uri());
        var options = new HashMap<String, Object>(address.parameters());
        options.putAll(declaration.options());
        return new BrokerContext(application, declaration.name(), address, options, clock);
    }

    /**
     * The adapter for a scheme.
     *
     * @throws ConfigurationException listing the loaders asked and the schemes found
     */
    BrokerProvider provider(String broker, String scheme) {
        var provider = byScheme.get(scheme);
        if (provider == null) {
            var known = new TreeSet<>(byScheme.keySet());
            known.add(LOCAL);
            throw new ConfigurationException("no adapter for scheme \"" + scheme + "\" of broker \"" + broker
                    + "\": add the adapter's module to the class path, or pass its provider to the builder; found: "
                    + known + ", asked: " + asked);
        }
        return provider;
    }

    private void load(@Nullable ClassLoader loader, String name) {
        if (loader == null) {
            return;
        }
        asked.add(name + " (" + loader + ")");
        var providers = ServiceLoader.load(BrokerProvider.class, loader).iterator();
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

    private void add(BrokerProvider provider) {
        provider.schemes().forEach(scheme -> byScheme.putIfAbsent(scheme, provider));
    }
}
