package dev.syncline.runtime;

import dev.syncline.api.ConfigurationException;
import dev.syncline.api.EventHandler;
import dev.syncline.api.EventPublisher;
import dev.syncline.runtime.internal.assembly.Building;
import dev.syncline.runtime.internal.assembly.Ground;
import dev.syncline.runtime.internal.assembly.GuiceInstances;
import dev.syncline.runtime.internal.assembly.SyncRuntime;
import dev.syncline.runtime.internal.publish.Publishing;
import dev.syncline.runtime.internal.settings.Settings;
import dev.syncline.runtime.internal.wiring.Declarations;
import dev.syncline.runtime.internal.wiring.Declarations.BrokerDeclaration;
import dev.syncline.runtime.internal.wiring.Declarations.LambdaHandler;
import dev.syncline.runtime.internal.wiring.Declarations.RouteDeclaration;
import dev.syncline.runtime.internal.wiring.Declarations.StateDeclaration;
import dev.syncline.spi.BrokerProvider;
import dev.syncline.spi.LogProvider;
import dev.syncline.spi.PayloadCodec;
import dev.syncline.spi.StateProvider;
import dev.syncline.spi.TransactionalStore;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Collects; checks nothing before {@link #build}, so that all faults are told at once. */
final class SyncBuilder implements Sync.Builder, Ground.Movable {

    private final String name;
    private final List<BrokerDeclaration> brokers = new ArrayList<>();
    private final List<RouteDeclaration> routes = new ArrayList<>();
    private final List<Object> handlers = new ArrayList<>();
    private final List<LambdaHandler> lambdas = new ArrayList<>();
    private final List<Object> mappers = new ArrayList<>();
    private final List<Class<?>> payloads = new ArrayList<>();
    private final List<BrokerProvider> providers = new ArrayList<>();
    private final List<StateProvider> stateProviders = new ArrayList<>();
    private final List<LogProvider> logProviders = new ArrayList<>();
    private final Map<String, String> settings = new HashMap<>();
    private final Set<String> transactions = new HashSet<>();
    private @Nullable StateDeclaration state;
    private @Nullable StateDeclaration parkOn;
    private @Nullable Path dataDirectory;
    private @Nullable PayloadCodec codec;
    private InstantSource clock = InstantSource.system();
    private final Publishing publishing = new Publishing();
    private Ground ground = Ground.MACHINE;
    private boolean isBuilt;

    SyncBuilder(String name) {
        this.name = name;
    }

    @Override
    public EventPublisher publisher() {
        return publishing;
    }

    @Override
    public Sync.Builder broker(String uri) {
        return broker("default", uri, Map.of());
    }

    @Override
    public Sync.Builder broker(String brokerName, String uri, Map<String, ?> options) {
        brokers.add(new BrokerDeclaration(brokerName, uri, new HashMap<>(options)));
        return this;
    }

    @Override
    public Sync.Builder broker(BrokerProvider provider, String uri) {
        providers.add(provider);
        return broker(uri);
    }

    @Override
    public Sync.Builder state(String uri) {
        return state(uri, Map.of());
    }

    @Override
    public Sync.Builder state(String uri, Map<String, ?> options) {
        state = new StateDeclaration(uri, new HashMap<>(options));
        return this;
    }

    @Override
    public Sync.Builder state(StateProvider provider, String uri) {
        stateProviders.add(provider);
        return state(uri);
    }

    @Override
    public Sync.Builder parkOn(String uri) {
        return parkOn(uri, Map.of());
    }

    @Override
    public Sync.Builder parkOn(String uri, Map<String, ?> options) {
        parkOn = new StateDeclaration(uri, new HashMap<>(options));
        return this;
    }

    @Override
    public Sync.Builder parkOn(LogProvider provider, String uri) {
        logProviders.add(provider);
        return parkOn(uri);
    }

    @Override
    public Sync.Builder route(String types, String broker, String topic) {
        routes.add(new RouteDeclaration(types, broker, topic));
        return this;
    }

    @Override
    public Sync.Builder dataDirectory(Path path) {
        dataDirectory = path;
        return this;
    }

    @Override
    public Sync.Builder handlers(Object... instancesOrClasses) {
        handlers.addAll(Arrays.asList(instancesOrClasses));
        return this;
    }

    @Override
    public Sync.Builder mappers(Object... instancesOrClasses) {
        mappers.addAll(Arrays.asList(instancesOrClasses));
        return this;
    }

    @Override
    public Sync.Builder payloads(Class<?>... classes) {
        payloads.addAll(Arrays.asList(classes));
        return this;
    }

    @Override
    public <T> Sync.Builder handler(String id, Class<T> payload, EventHandler<T> handler) {
        lambdas.add(new LambdaHandler(id, "", payload, handler));
        return this;
    }

    @Override
    public Sync.Builder handler(String id, String types, EventHandler<Map<String, Object>> handler) {
        lambdas.add(new LambdaHandler(id, types, Map.class, handler));
        return this;
    }

    @Override
    public Sync.Builder transactions(String storeName, TransactionalStore store) {
        transactions.add(storeName);
        return this;
    }

    @Override
    public Sync.Builder codec(PayloadCodec payloadCodec) {
        codec = payloadCodec;
        return this;
    }

    @Override
    public Sync.Builder clock(InstantSource wallClock) {
        clock = wallClock;
        return this;
    }

    @Override
    public Sync.Builder settings(Map<String, String> flat) {
        settings.putAll(flat);
        return this;
    }

    @Override
    public Sync.Builder settings(Path properties) {
        return settings(Settings.load(properties));
    }

    @Override
    public void on(Ground other) {
        ground = other;
    }

    @Override
    public Sync build() {
        if (isBuilt) {
            throw new ConfigurationException("this builder was built already: make another one per instance");
        }
        var declarations = new Declarations(
                name,
                brokers,
                routes,
                handlers,
                lambdas,
                mappers,
                payloads,
                settings,
                codec,
                new GuiceInstances(publishing),
                transactions,
                state,
                parkOn);
        var blueprint = new Building(
                        declarations, providers, stateProviders, logProviders, dataDirectory, clock, ground)
                .blueprint(publishing);
        isBuilt = true;
        return new SyncRuntime(blueprint, publishing);
    }

    @Override
    public Sync start() {
        var sync = build();
        sync.start();
        return sync;
    }
}
