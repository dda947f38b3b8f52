package dev.syncline.runtime.internal.assembly;

import dev.syncline.api.ConfigurationException;
import dev.syncline.runtime.internal.wiring.Declarations.BrokerDeclaration;
import dev.syncline.spi.BrokerAddress;
import dev.syncline.spi.BrokerContext;
import dev.syncline.spi.BrokerProvider;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;

/** Finds the adapter of each declared broker by the scheme of its URI. */
final class Brokers {

    static final String LOCAL = "local";

    private final Providers<BrokerProvider> providers;

    /**
     * Looks for adapters.
     *
     * @param given those that the application passed in; they win
     */
    Brokers(List<BrokerProvider> given) {
        this.providers = new Providers<>(BrokerProvider.class, BrokerProvider::schemes, given);
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
        var provider = providers.find(scheme);
        if (provider == null) {
            var known = providers.found();
            known.add(LOCAL);
            throw new ConfigurationException("no adapter for scheme \"" + scheme + "\" of broker \"" + broker
                    + "\": add the adapter's module to the class path, or pass its provider to the builder; found: "
                    + known + ", asked: " + providers.asked());
        }
        return provider;
    }
}
