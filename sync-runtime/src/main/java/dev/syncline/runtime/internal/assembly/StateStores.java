package dev.syncline.runtime.internal.assembly;

import dev.syncline.api.ConfigurationException;
import dev.syncline.runtime.internal.wiring.Declarations.StateDeclaration;
import dev.syncline.spi.BrokerAddress;
import dev.syncline.spi.StateContext;
import dev.syncline.spi.StateProvider;
import dev.syncline.spi.StateStore;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;

/** Finds the store of shared state by the scheme of its URI. */
final class StateStores {

    private StateStores() {}

    /**
     * Opens it, without reaching for it.
     *
     * @param given providers that the application passed in; they win
     * @throws ConfigurationException if nobody serves the scheme, or an option is unusable
     */
    static StateStore open(
            String application, StateDeclaration declared, List<StateProvider> given, InstantSource clock) {
        var address = BrokerAddress.parse(declared.uri());
        var providers = new Providers<>(StateProvider.class, StateProvider::schemes, given);
        var provider = providers.find(address.scheme());
        if (provider == null) {
            throw new ConfigurationException("no store of shared state for scheme \"" + address.scheme()
                    + "\": add its module to the class path, or pass its provider to the builder; found: "
                    + providers.found() + ", asked: " + providers.asked());
        }
        var options = new HashMap<String, Object>(address.parameters());
        options.putAll(declared.options());
        return provider.open(new StateContext(application, address, options, clock));
    }
}
