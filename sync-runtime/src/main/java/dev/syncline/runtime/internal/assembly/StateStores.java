package dev.syncline.runtime.internal.assembly;

import dev.syncline.api.ConfigurationException;
import dev.syncline.runtime.internal.wiring.Declarations.StateDeclaration;
import dev.syncline.spi.BrokerAddress;
import dev.syncline.spi.LogProvider;
import dev.syncline.spi.LogStore;
import dev.syncline.spi.StateContext;
import dev.syncline.spi.StateProvider;
import dev.syncline.spi.StateStore;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;

/** Finds the store of shared state, and that of parked events, by the scheme of its URI. */
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
        var context = context(application, declared, clock);
        return find(
                        new Providers<>(StateProvider.class, StateProvider::schemes, given),
                        context,
                        "store of shared state")
                .open(context);
    }

    /**
     * Opens that of parked events, without reaching for it.
     *
     * @param given providers that the application passed in; they win
     * @throws ConfigurationException if nobody serves the scheme, or an option is unusable
     */
    static LogStore openLogs(
            String application, StateDeclaration declared, List<LogProvider> given, InstantSource clock) {
        var context = context(application, declared, clock);
        return find(new Providers<>(LogProvider.class, LogProvider::schemes, given), context, "place for parked events")
                .openLogs(context);
    }

    private static <P> P find(Providers<P> providers, StateContext context, String what) {
        var scheme = context.address().scheme();
        var provider = providers.find(scheme);
        if (provider == null) {
            throw new ConfigurationException("no " + what + " for scheme \"" + scheme
                    + "\": add its module to the class path, or pass its provider to the builder; found: "
                    + providers.found() + ", asked: " + providers.asked());
        }
        return provider;
    }

    private static StateContext context(String application, StateDeclaration declared, InstantSource clock) {
        var address = BrokerAddress.parse(declared.uri());
        var options = new HashMap<String, Object>(address.parameters());
        options.putAll(declared.options());
        return new StateContext(application, address, options, clock);
    }
}
