package dev.syncline.runtime.internal.assembly;

import dev.syncline.runtime.internal.dispatch.HandlerGate;
import dev.syncline.runtime.internal.dispatch.Lanes;
import dev.syncline.runtime.internal.envelope.EnvelopeReader;
import dev.syncline.runtime.internal.ingest.Ingest;
import dev.syncline.runtime.internal.local.LocalBroker;
import dev.syncline.runtime.internal.shared.SharedState;
import dev.syncline.runtime.internal.wiring.HandlerPlan;
import dev.syncline.spi.Broker;
import dev.syncline.spi.LogStore.LogScope;
import dev.syncline.spi.Subscription;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes the flow of each handler on each broker that it reads: what it remembers, its lanes, its poll thread. */
final class Flows {

    private static final int MAX_POLL = 512;

    private final Blueprint blueprint;
    private final Map<String, Broker> brokers;
    private final String storeId;
    private final HandlerStores stores;
    private final EnvelopeReader reader;

    /**
     * Makes none yet.
     *
     * @param brokers all of them, opened, by name
     * @param storeId of the data directory
     */
    Flows(Blueprint blueprint, Map<String, Broker> brokers, String storeId, HandlerStores stores) {
        this.blueprint = blueprint;
        this.brokers = Map.copyOf(brokers);
        this.storeId = storeId;
        this.stores = stores;
        this.reader = new EnvelopeReader(blueprint.clock(), blueprint.settings().maxPayloadBytes());
    }

    /** All, made and not started. */
    List<Flow> make() {
        var flows = new ArrayList<Flow>();
        for (var plan : blueprint.wired().plans()) {
            var gate = new HandlerGate(plan.id(), plan.policy().brakes(), blueprint.turns()::nanoTime);
            plan.topics().forEach((broker, topics) -> flows.add(flow(plan, gate, broker, topics)));
        }
        return flows;
    }

    private Flow flow(HandlerPlan plan, HandlerGate gate, String broker, Set<String> topics) {
        var prefix = "syncline-" + blueprint.name() + "-" + plan.id()
                + (plan.topics().size() > 1 ? "-" + broker : "");
        boolean ownsAll = brokers.get(broker) instanceof LocalBroker;
        var state = state(plan, broker, ownsAll, prefix);
        var handling = blueprint.ground().handling().apply(plan.id(), state.handling());
        var lanes = new Lanes(
                prefix,
                plan.id(),
                handling,
                plan.policy(),
                gate,
                state.applied(),
                state.parking(),
                ownsAll && !plan.isShared(),
                blueprint.turns());
        var late = state.late();
        if (late != null) {
            late.tell(lanes);
        }
        var ingest = new Ingest(
                prefix,
                plan,
                BrokerChecks.required(brokers, broker),
                subscription(plan, topics),
                lanes,
                reader::read,
                state.mark(),
                state.gate(),
                blueprint.turns());
        var letters = new HandlerLetters(plan.id(), state.parked(), lanes, plan.handling(), reader);
        return new Flow(plan.id(), broker, gate, lanes, ingest, state, letters);
    }

    private FlowState state(HandlerPlan plan, String broker, boolean ownsAll, String prefix) {
        if (plan.isShared()) {
            var of = new SharedState.Of(plan.id(), blueprint.group(plan), broker, Blueprint.member(storeId));
            return stores.shared(of, plan.handling(), ownsAll, reader, prefix + "-state");
        }
        if (plan.parksElsewhere()) {
            var log = new LogScope(blueprint.name(), plan.id(), broker);
            return stores.parkedElsewhere(
                    plan, log, blueprint.parkedOn(), storeId, ownsAll, reader, prefix + "-parked");
        }
        return stores.embedded(plan, broker, storeId, ownsAll, reader, blueprint.clock());
    }

    private Subscription subscription(HandlerPlan plan, Set<String> topics) {
        var group = blueprint.group(plan);
        return new Subscription(group, topics, blueprint.settings().start(), group, MAX_POLL);
    }
}
