package dev.syncline.runtime.internal.assembly;

import dev.syncline.api.ConfigurationException;
import dev.syncline.runtime.internal.local.LocalBroker;
import dev.syncline.runtime.internal.publish.Publishing;
import dev.syncline.runtime.internal.wiring.Declarations;
import dev.syncline.runtime.internal.wiring.Declarations.BrokerDeclaration;
import dev.syncline.runtime.internal.wiring.Declarations.StateDeclaration;
import dev.syncline.runtime.internal.wiring.Wired;
import dev.syncline.runtime.internal.wiring.Wiring;
import dev.syncline.spi.Broker;
import dev.syncline.spi.BrokerContext;
import dev.syncline.spi.BrokerProvider;
import dev.syncline.spi.LogProvider;
import dev.syncline.spi.LogStore;
import dev.syncline.spi.StateProvider;
import dev.syncline.spi.StateStore;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** From declarations to a blueprint: collects the faults of every part, so that all are told at once. */
public final class Building {

    private final Declarations declarations;
    private final List<BrokerProvider> providers;
    private final List<StateProvider> stateProviders;
    private final List<LogProvider> logProviders;
    private final @Nullable Path dataDirectory;
    private final InstantSource clock;
    private final Ground ground;
    private final List<String> problems = new ArrayList<>();
    private final Map<String, Broker> brokers = new HashMap<>();
    private final Map<String, BrokerContext> locals = new HashMap<>();
    private @Nullable StateStore state;
    private @Nullable LogStore logs;

    /** A building of these declarations. */
    public Building(
            Declarations declarations,
            List<BrokerProvider> providers,
            List<StateProvider> stateProviders,
            List<LogProvider> logProviders,
            @Nullable Path dataDirectory,
            InstantSource clock,
            Ground ground) {
        this.declarations = declarations;
        this.providers = List.copyOf(providers);
        this.stateProviders = List.copyOf(stateProviders);
        this.logProviders = List.copyOf(logProviders);
        this.dataDirectory = dataDirectory;
        this.clock = clock;
        this.ground = ground;
    }

    /**
     * Checks all, opens brokers without reaching for them.
     *
     * @throws ConfigurationException listing every fault; whatever was opened is closed again
     */
    public Blueprint blueprint(Publishing publishing) {
        var wired = collect(() -> Wiring.resolve(declarations, publishing, clock));
        if (wired != null) {
            openBrokers(wired.brokers());
        } else {
            openBrokers(declarations.brokers());
        }
        openState(wired == null ? declarations.state() : wired.state());
        openLogs(wired == null ? declarations.parkOn() : wired.parkOn());
        var directory = directory(wired);
        var storage = ground.storage().apply(directory);
        problems.addAll(storage.problems());
        if (wired == null || !problems.isEmpty()) {
            brokers.values().forEach(Broker::close);
            if (state != null) {
                state.close();
            }
            if (logs != null) {
                logs.close();
            }
            throw new ConfigurationException(problems);
        }
        return new Blueprint(
                declarations.name(), wired, brokers, locals, state, logs, directory, clock, storage, ground);
    }

    private void openLogs(@Nullable StateDeclaration declared) {
        if (declared != null) {
            logs = collect(() -> StateStores.openLogs(declarations.name(), declared, logProviders, clock));
        }
    }

    private void openState(@Nullable StateDeclaration declared) {
        if (declared != null) {
            state = collect(() -> StateStores.open(declarations.name(), declared, stateProviders, clock));
        }
    }

    private Path directory(@Nullable Wired wired) {
        var fromSettings = wired == null ? null : wired.settings().outboxDirectory();
        if (fromSettings != null) {
            return fromSettings;
        }
        return dataDirectory != null ? dataDirectory : Path.of("syncline-data", declarations.name());
    }

    private void openBrokers(List<BrokerDeclaration> declared) {
        var adapters = new Brokers(providers);
        for (var one : declared) {
            collect(() -> {
                var context = Brokers.context(declarations.name(), one, clock);
                if (context.address().scheme().equals(Brokers.LOCAL)) {
                    LocalBroker.checkOptions(context);
                    locals.put(one.name(), context);
                } else {
                    var provider =
                            adapters.provider(one.name(), context.address().scheme());
                    brokers.put(one.name(), provider.open(context));
                }
                return one;
            });
        }
    }

    private <T> @Nullable T collect(Supplier<T> part) {
        try {
            return part.get();
        } catch (ConfigurationException faults) {
            problems.addAll(faults.problems());
            return null;
        }
    }
}
