package dev.syncline.runtime.internal.wiring;

import dev.syncline.api.ConfigurationException;
import dev.syncline.api.ContractException;
import dev.syncline.runtime.internal.codec.JacksonCodec;
import dev.syncline.runtime.internal.contract.SchemaContracts;
import dev.syncline.runtime.internal.handling.Expiry;
import dev.syncline.runtime.internal.handling.HandlingPipeline;
import dev.syncline.runtime.internal.publish.Attempts;
import dev.syncline.runtime.internal.settings.Settings;
import dev.syncline.runtime.internal.wiring.Declarations.StateDeclaration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The door of this room: makes of what the application declared a graph in which nothing can be missing. It runs once,
 * on the thread that builds; it owns nothing afterwards; it hands plans to the assembly. What is wrong it tells all at
 * once.
 */
public final class Wiring {

    private final Declarations declared;
    private final Faults faults = new Faults();
    private final Catalogue catalogue = new Catalogue(faults);
    private final Handlers handlers = new Handlers(catalogue, faults);
    private final Mappers mappers = new Mappers(catalogue, faults);

    private Wiring(Declarations declared) {
        this.declared = declared;
    }

    /**
     * Resolves the declarations.
     *
     * @param attempts opens the publisher of each attempt; not called here
     * @param clock wall time
     * @throws ConfigurationException listing every fault, each with what to change
     */
    public static Wired resolve(Declarations declared, Attempts attempts, InstantSource clock) {
        return new Wiring(declared).resolve(attempts, clock);
    }

    private Wired resolve(Attempts attempts, InstantSource clock) {
        read();
        var ids = handlers.all().stream().map(Handler::id).toList();
        var settings = Settings.of(declared.settings(), ids, faults::add);
        var brokers = new Brokers(declared, settings, faults);
        var topics = brokers.topics();
        var state = store(declared.state(), settings.state(), "the store of shared state", "state");
        var parkOn = store(declared.parkOn(), settings.parkOn(), "the place for parked events", "park-on");
        var runtime = RuntimeValues.of(declared, settings, faults);
        var codec =
                declared.codec() == null ? new JacksonCodec(runtime.settings().maxPayloadBytes()) : declared.codec();
        var contracts = contracts(runtime);
        var policies = new Policies(settings, faults);
        var deletes = new DeletesRule(catalogue, faults);
        var report = new Report(declared.name(), brokers, topics);
        var plans = new ArrayList<HandlerPlan>();
        for (var handler : handlers.all()) {
            policies.check(handler);
            var lines = new ArrayList<String>();
            var policy = policies.of(handler, lines);
            boolean isShared = policies.isShared(handler, state, lines);
            boolean parksElsewhere = !isShared && policies.parksElsewhere(handler, parkOn, lines);
            var expiry = new Expiry(policies.dropsExpired(handler, lines), clock);
            var wiring = new HandlerWiring(handler, catalogue, topics, faults);
            var routes = wiring.routes(mappers.methods());
            var topicsByBroker = wiring.topics();
            if (!policy.ignoresDeletes()) {
                deletes.check(handler, wiring.flows());
            }
            boolean isEnabled = policies.isEnabled(handler);
            report.add(handler, policy, isShared, parksElsewhere ? parkOn : null, wiring.flows(), lines, isEnabled);
            if (isEnabled && faults.isEmpty()) {
                plans.add(new HandlerPlan(
                        handler.id(),
                        topicsByBroker,
                        policy,
                        isShared,
                        parksElsewhere,
                        new HandlingPipeline(
                                handler.id(), policy, routes, catalogue.kinds(), codec, contracts, expiry, attempts)));
            }
        }
        brokers.checkDefault(report.typesOn(brokers.defaultName(), catalogue.names()));
        faults.throwIfAny();
        return new Wired(
                plans,
                brokers.all(),
                topics,
                contracts,
                codec,
                state,
                parkOn,
                runtime.settings(),
                report.lines(catalogue, contracts.loaded(), runtime.lines()));
    }

    /** Payload classes are found while handlers and mappers are read, so paths are looked for after all of them. */
    private void read() {
        if (!declared.name().matches("[a-z][a-z0-9-]{0,62}")) {
            faults.add("the application's name \"" + declared.name()
                    + "\" must begin with a lower-case letter and have only"
                    + " lower-case letters, digits and dashes, at most 63");
        }
        for (var store : declared.transactions()) {
            faults.add(
                    "transactions(\"" + store + "\", …): transactional stores are not available yet; remove the call");
        }
        declared.payloads().forEach(catalogue::addGiven);
        Function<Class<?>, Object> instances = declared.instances();
        declared.handlers().forEach(handler -> handlers.add(handler, instances));
        declared.lambdas().forEach(handlers::add);
        for (var mapper : declared.mappers()) {
            var instance = Instance.of(mapper, instances, faults);
            if (instance != null) {
                addMappers(instance);
            }
        }
        checkLifts(mappers.methods());
        handlers.all().forEach(handler -> checkLifts(handler.own()));
    }

    /** A store beside the brokers; settings win over the builder. */
    private @Nullable StateDeclaration store(
            @Nullable StateDeclaration given, Settings.BrokerSettings said, String what, String key) {
        var uri = said.uri() != null ? said.uri() : given == null ? null : given.uri();
        if (uri == null) {
            if (!said.options().isEmpty()) {
                faults.add("settings give options to " + what + ", which has no URI; set " + key + ".uri");
            }
            return null;
        }
        var options = new HashMap<String, Object>(given == null ? Map.of() : given.options());
        options.putAll(said.options());
        return new StateDeclaration(uri, options);
    }

    private SchemaContracts contracts(RuntimeValues runtime) {
        var contracts = new SchemaContracts(
                runtime.contracts(),
                Thread.currentThread().getContextClassLoader(),
                runtime.settings().maxPayloadBytes());
        for (var name : catalogue.names()) {
            for (var version : catalogue.versions(name).keySet()) {
                try {
                    contracts.load(name, version);
                } catch (ContractException unusable) {
                    faults.add(String.valueOf(unusable.getMessage()));
                }
            }
        }
        return contracts;
    }

    private void addMappers(Instance instance) {
        int before = mappers.methods().size();
        boolean isClean = faults.isEmpty();
        mappers.addAll(instance);
        if (mappers.methods().size() == before && isClean && faults.isEmpty()) {
            faults.add(Names.of(instance.declared())
                    + " has no @MapsTo method: put @MapsTo on what maps, or do not give it to mappers(…)");
        }
    }

    private void checkLifts(List<MapperMethod> methods) {
        for (var mapper : methods) {
            var from = catalogue.of(mapper.from());
            var to = catalogue.of(mapper.to());
            if (from != null && to != null && from.name().equals(to.name()) && from.version() >= to.version()) {
                faults.add(mapper + " maps " + from + " to " + to + " of the same type \"" + from.name()
                        + "\": within a type mappers lift to a newer version");
            }
        }
    }
}
