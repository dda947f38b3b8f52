package dev.syncline.runtime.internal.assembly;

import dev.syncline.api.BrokerException;
import dev.syncline.api.ConfigurationException;
import dev.syncline.runtime.DeadLetters;
import dev.syncline.runtime.Durability;
import dev.syncline.runtime.Health;
import dev.syncline.runtime.Health.HandlerHealth;
import dev.syncline.runtime.Rewound;
import dev.syncline.runtime.internal.assembly.Storage.Opened;
import dev.syncline.runtime.internal.dispatch.AttemptWatch;
import dev.syncline.runtime.internal.dispatch.HandlerGate;
import dev.syncline.runtime.internal.dispatch.Lanes;
import dev.syncline.runtime.internal.envelope.EnvelopeReader;
import dev.syncline.runtime.internal.ingest.Ingest;
import dev.syncline.runtime.internal.local.LocalBroker;
import dev.syncline.runtime.internal.outbox.Outbox;
import dev.syncline.runtime.internal.park.ParkSettings;
import dev.syncline.runtime.internal.publish.EventEncoder;
import dev.syncline.runtime.internal.publish.EventIds;
import dev.syncline.runtime.internal.publish.Publishing;
import dev.syncline.runtime.internal.relay.OutgoingParking;
import dev.syncline.runtime.internal.relay.Relay;
import dev.syncline.runtime.internal.relay.RelaySettings;
import dev.syncline.runtime.internal.shared.SharedState;
import dev.syncline.runtime.internal.turns.Turns;
import dev.syncline.runtime.internal.wiring.HandlerPlan;
import dev.syncline.spi.Broker;
import dev.syncline.spi.LogStore.LogScope;
import dev.syncline.spi.Subscription;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What runs between start and close: outbox, relay, one flow per handler and broker, housekeeping. Made in that order,
 * taken down in the other.
 */
final class Engine {

    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

    private static final int MAX_POLL = 512;

    /** How long start waits for a broker before it goes on without. */
    private static final Duration CHECK_PATIENCE = Duration.ofSeconds(3);

    private static final Duration FORGET_PATIENCE = Duration.ofSeconds(10);

    /** How long close lets the relay ship what the broker takes at once. */
    private static final Duration SHIP_PATIENCE = Duration.ofSeconds(2);

    private static final long LOOK_AGAIN = TimeUnit.MICROSECONDS.toNanos(200);

    private final String name;
    private final Opened opened;
    private final Outbox outbox;
    private final Relay relay;
    private final Map<String, Broker> brokers;
    private final Map<String, LocalBroker> locals;
    private final List<Flow> flows;
    private final LetterDesk letters;
    private final AttemptWatch watch;
    private final HandlerStores stores;
    private final List<BrokerCheck> checks;
    private final Housekeeping housekeeping;
    private final Publishing publishing;
    private final Turns turns;
    private final InstantSource clock;

    private Engine(
            String name,
            Opened opened,
            Relay relay,
            Map<String, Broker> brokers,
            Map<String, LocalBroker> locals,
            List<Flow> flows,
            LetterDesk letters,
            AttemptWatch watch,
            HandlerStores stores,
            List<BrokerCheck> checks,
            Housekeeping housekeeping,
            Publishing publishing,
            Turns turns,
            InstantSource clock) {
        this.name = name;
        this.opened = opened;
        this.outbox = opened.outbox();
        this.relay = relay;
        this.brokers = brokers;
        this.locals = locals;
        this.flows = flows;
        this.letters = letters;
        this.watch = watch;
        this.stores = stores;
        this.checks = checks;
        this.housekeeping = housekeeping;
        this.publishing = publishing;
        this.turns = turns;
        this.clock = clock;
    }

    /** Starts all; whatever fails, what was started before is taken down. */
    static Engine start(Blueprint blueprint, Publishing publishing) {
        var undo = new Undo();
        try {
            return start(blueprint, publishing, undo);
        } catch (RuntimeException | Error failure) {
            undo.run(failure);
            throw failure;
        }
    }

    private static Engine start(Blueprint blueprint, Publishing publishing, Undo undo) {
        var name = blueprint.name();
        var turns = blueprint.turns();
        var findings = new Findings(name);
        var opened = OutboxOpening.open(blueprint, findings, undo);
        var outbox = opened.outbox();
        var locals = new HashMap<String, LocalBroker>();
        blueprint.locals().forEach((broker, context) -> {
            var local = LocalBroker.open(context, outbox, blueprint.directory());
            undo.add(local::close);
            locals.put(broker, local);
        });
        var brokers = new HashMap<String, Broker>(blueprint.brokers());
        brokers.putAll(locals);
        var parked = new ParkStores(blueprint.storage(), outbox.storeId(), ParkSettings.defaults(), findings);
        undo.add(parked::close);
        requireNothingLeftBehind(blueprint, outbox, parked);
        var outgoing = new ParkStores(blueprint.storage(), outbox.storeId(), ParkSettings.defaults(), findings);
        undo.add(outgoing::close);
        var relay = Relay.open(
                name,
                RelaySettings.defaults(),
                outbox,
                blueprint.storage().cursors(blueprint.settings().durability() == Durability.DISK),
                blueprint.brokers(),
                locals.keySet(),
                outgoing(blueprint, outgoing),
                turns);
        undo.add(relay::close);
        openPublishing(blueprint, publishing, outbox);
        undo.add(publishing::close);
        var checks = check(blueprint, brokers);
        relay.start();
        var stores = new HandlerStores(
                parked,
                outgoing,
                new Inboxes(blueprint.storage().inboxes(), outbox, blueprint.clock(), turns::nanoTime, findings),
                new SharedStates(name, blueprint.state(), blueprint.clock(), turns, findings),
                new RemoteParkings(
                        name,
                        blueprint.logs(),
                        blueprint.storage(),
                        member(outbox.storeId().toString()),
                        blueprint.clock(),
                        turns,
                        findings),
                blueprint.storage().lives(blueprint.turns().unique()),
                findings);
        undo.add(stores::close);
        stores.shared().check();
        stores.remote().check(logs(blueprint));
        nameForgotten(blueprint, locals, stores.inboxes());
        var flows = flows(blueprint, brokers, outbox.storeId().toString(), stores);
        stores.inboxes().redo();
        var boxes = new ArrayList<LetterBox>();
        flows.forEach(flow -> boxes.add(flow.letters()));
        relay.parked().forEach(out -> boxes.add(new RelayLetters(out, relay)));
        var letters = new LetterDesk(name, boxes, turns);
        undo.add(letters::close);
        var watch = new AttemptWatch(name, flows.stream().map(Flow::lanes).toList(), turns);
        undo.add(watch::stop);
        watch.start();
        for (var flow : flows) {
            var late = flow.state().late();
            if (late != null) {
                late.afterOpening(letters::redriveWhatIsKnownNow);
            }
            undo.add(() -> stop(List.of(flow), Duration.ZERO));
            flow.start();
        }
        letters.redriveWhatIsKnownNow();
        var housekeeping =
                new Housekeeping(name, outbox, relay, locals.values(), stores, checks, blueprint.clock(), turns);
        housekeeping.start();
        return new Engine(
                name,
                opened,
                relay,
                brokers,
                locals,
                flows,
                letters,
                watch,
                stores,
                checks,
                housekeeping,
                publishing,
                turns,
                blueprint.clock());
    }

    /** What earlier runs left where nobody would look for it any more fails the start, all of it at once. */
    private static void requireNothingLeftBehind(Blueprint blueprint, Outbox outbox, ParkStores parked) {
        var problems = new ArrayList<String>(FormerLocals.problems(blueprint, outbox));
        problems.addAll(FormerParking.problems(blueprint, parked));
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
    }

    /** Where keys wait whose head a broker refuses for good. */
    private static Map<String, OutgoingParking> outgoing(Blueprint blueprint, ParkStores stores) {
        var reader = new EnvelopeReader(blueprint.clock(), Integer.MAX_VALUE);
        var outgoing = new HashMap<String, OutgoingParking>();
        blueprint
                .brokers()
                .keySet()
                .forEach(broker -> outgoing.put(broker, stores.outgoing(broker, reader, blueprint.clock())));
        return outgoing;
    }

    private static void openPublishing(Blueprint blueprint, Publishing publishing, Outbox outbox) {
        var wired = blueprint.wired();
        var encoder = new EventEncoder(
                blueprint.name(),
                wired.codec(),
                wired.contracts(),
                wired.topics(),
                blueprint.clock(),
                new EventIds(blueprint.turns().unique()),
                wired.settings().maxPayloadBytes());
        publishing.open(encoder, outbox::append);
    }

    /** State whose handler is gone is kept and named: the handler may come back, or be forgotten. */
    private static void nameForgotten(Blueprint blueprint, Map<String, LocalBroker> locals, Inboxes inboxes) {
        var plans = blueprint.wired().plans();
        var groups = plans.stream().map(plan -> group(blueprint, plan)).toList();
        var gone = new TreeSet<String>();
        locals.values()
                .forEach(local -> local.groups().stream()
                        .filter(group -> !groups.contains(group))
                        .forEach(group -> gone.add(group.substring(group.indexOf('.') + 1))));
        gone.addAll(inboxes.handlers());
        plans.forEach(plan -> gone.remove(plan.id()));
        for (var handler : gone) {
            LOG.warn(
                    "{}: positions and what was applied are kept of handler {}, which is not there or switched off; what"
                            + " it has not read stays on the disk: bring it back, or drop all of it with"
                            + " Sync.forgetHandler",
                    blueprint.name(),
                    handler);
        }
    }

    /** A broker that refuses fails the start, one that is away does not. */
    private static List<BrokerCheck> check(Blueprint blueprint, Map<String, Broker> brokers) {
        var checks = new ArrayList<BrokerCheck>();
        for (var plan : blueprint.wired().plans()) {
            plan.topics()
                    .forEach((broker, topics) -> checks.add(new BrokerCheck(
                            broker, required(brokers, broker), topics, group(blueprint, plan), CHECK_PATIENCE)));
        }
        for (var check : checks) {
            try {
                check.run();
            } catch (BrokerException refused) {
                if (!refused.isRetryable()) {
                    throw refused;
                }
                LOG.warn("{}: {}; it goes on when the broker is back", blueprint.name(), refused.getMessage());
            }
        }
        return checks;
    }

    private static List<Flow> flows(
            Blueprint blueprint, Map<String, Broker> brokers, String storeId, HandlerStores stores) {
        var flows = new ArrayList<Flow>();
        var reader = new EnvelopeReader(blueprint.clock(), blueprint.settings().maxPayloadBytes());
        for (var plan : blueprint.wired().plans()) {
            var gate = new HandlerGate(plan.id(), plan.policy().brakes(), blueprint.turns()::nanoTime);
            plan.topics().forEach((broker, topics) -> {
                var prefix = "syncline-" + blueprint.name() + "-" + plan.id()
                        + (plan.topics().size() > 1 ? "-" + broker : "");
                boolean ownsAll = brokers.get(broker) instanceof LocalBroker;
                var state = state(blueprint, plan, broker, storeId, ownsAll, stores, reader, prefix);
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
                var subscription = subscription(blueprint, plan, topics);
                var ingest = new Ingest(
                        prefix,
                        plan,
                        required(brokers, broker),
                        subscription,
                        lanes,
                        reader::read,
                        state.mark(),
                        state.gate(),
                        blueprint.turns());
                var letters = new HandlerLetters(plan.id(), state.parked(), lanes, plan.handling(), reader);
                flows.add(new Flow(plan.id(), broker, gate, lanes, ingest, state, letters));
            });
        }
        return flows;
    }

    private static FlowState state(
            Blueprint blueprint,
            HandlerPlan plan,
            String broker,
            String storeId,
            boolean ownsAll,
            HandlerStores stores,
            EnvelopeReader reader,
            String prefix) {
        if (plan.isShared()) {
            var of = of(blueprint, plan, broker, storeId);
            return stores.shared(of, plan.handling(), ownsAll, reader, prefix + "-state");
        }
        if (plan.parksElsewhere()) {
            var log = new LogScope(blueprint.name(), plan.id(), broker);
            var place = blueprint.parkedOn();
            return stores.parkedElsewhere(plan, log, place, storeId, ownsAll, reader, prefix + "-parked");
        }
        return stores.embedded(plan, broker, storeId, ownsAll, reader, blueprint.clock());
    }

    /** The logs of parked events that are kept elsewhere. */
    private static List<LogScope> logs(Blueprint blueprint) {
        var logs = new ArrayList<LogScope>();
        for (var plan : blueprint.wired().plans()) {
            if (plan.parksElsewhere()) {
                plan.topics().keySet().forEach(broker -> logs.add(new LogScope(blueprint.name(), plan.id(), broker)));
            }
        }
        return logs;
    }

    private static Subscription subscription(Blueprint blueprint, HandlerPlan plan, Set<String> topics) {
        var group = group(blueprint, plan);
        return new Subscription(group, topics, blueprint.settings().start(), group, MAX_POLL);
    }

    private static SharedState.Of of(Blueprint blueprint, HandlerPlan plan, String broker, String storeId) {
        return new SharedState.Of(plan.id(), group(blueprint, plan), broker, member(storeId));
    }

    /** This instance, for people. */
    private static String member(String storeId) {
        return "process " + ProcessHandle.current().pid() + ", store " + storeId;
    }

    private static String group(Blueprint blueprint, HandlerPlan plan) {
        return blueprint.name() + "." + plan.id();
    }

    private static Broker required(Map<String, Broker> brokers, String name) {
        var broker = brokers.get(name);
        if (broker == null) {
            throw new AssertionError("wiring let a handler name broker " + name + ", which there is not");
        }
        return broker;
    }

    List<Flow> flows() {
        return flows;
    }

    DeadLetters deadLetters() {
        return letters;
    }

    void forgetHandler(String handler) {
        if (flows.stream().anyMatch(flow -> flow.handler().equals(handler))) {
            throw new IllegalArgumentException("handler \"" + handler + "\" is at work: remove it from the application"
                    + " first, then forget it");
        }
        for (var broker : brokers.values()) {
            broker.forgetGroup(name + "." + handler, FORGET_PATIENCE);
        }
        stores.forget(handler, name + "." + handler, brokers.keySet());
    }

    Rewound rewind(String broker, Instant since) {
        if (!brokers.containsKey(broker)) {
            throw new IllegalArgumentException(
                    "no broker \"" + broker + "\"; there are " + new TreeSet<>(brokers.keySet()));
        }
        if (locals.containsKey(broker)) {
            throw new IllegalArgumentException(
                    "broker \"" + broker + "\" is local: it reads the outbox in place, nothing" + " is shipped to it");
        }
        var now = clock.instant();
        if (since.isAfter(now)) {
            throw new IllegalArgumentException(since + " is in the future, now is " + now);
        }
        return housekeeping.withoutMakingRoom(() -> relay.rewind(broker, since));
    }

    boolean isLaneThread() {
        return flows.stream().anyMatch(flow -> flow.lanes().isLaneThread());
    }

    /**
     * What is not quiet, a line each; empty if all that was published before this call is shipped and settled, blocked
     * keys aside, and nothing was published meanwhile.
     *
     * @param endNanos until when it may wait for poll threads to look
     */
    List<String> whatIsOpen(long endNanos) {
        long before = outbox.lastN();
        var shipping = relay.status();
        if (shipping.shippedN() < before) {
            return List.of(shipping.unshipped() + " events wait in the outbox");
        }
        var open = open(flow -> flow.ingest().isSettled());
        if (open.isEmpty()) {
            open = afterAnotherLook(endNanos);
        }
        return open.isEmpty() && outbox.lastN() != before ? List.of("events were published meanwhile") : open;
    }

    /** Nothing is in flight as far as one sees; what a poll thread saw last may be older than the newest event. */
    private List<String> afterAnotherLook(long endNanos) {
        var silent = new ArrayList<String>();
        var asked = new HashMap<Flow, Long>();
        flows.forEach(flow -> asked.put(flow, flow.ingest().askToLook()));
        asked.forEach((flow, look) -> {
            if (!hasLooked(flow, look, endNanos)) {
                silent.add("handler " + flow.handler() + " does not hear of its broker");
            }
        });
        var open = open(flow -> flow.ingest().isQuiet(relay.confirmed(flow.broker())));
        return open.isEmpty() ? silent : open;
    }

    private boolean hasLooked(Flow flow, long look, long endNanos) {
        while (!flow.ingest().hasLooked(look)) {
            if (turns.nanoTime() - endNanos >= 0 || Thread.currentThread().isInterrupted()) {
                return false;
            }
            turns.pause(LOOK_AGAIN);
        }
        return true;
    }

    private List<String> open(Predicate<Flow> isQuiet) {
        return flows.stream().filter(isQuiet.negate()).map(Engine::described).toList();
    }

    private static String described(Flow flow) {
        var unattended = flow.ingest().unattended();
        return "handler " + flow.handler() + " has " + flow.ingest().inFlight() + " events in flight, lag "
                + flow.ingest().lag() + (unattended.isEmpty() ? "" : ", " + unattended);
    }

    Health health() {
        var problems = new ArrayList<String>();
        boolean isReady = true;
        boolean isUp = true;
        for (var check : checks) {
            check.problem().ifPresent(problems::add);
            isReady &= check.problem().isEmpty();
        }
        var shipping = relay.status();
        problems.addAll(shipping.problems());
        isReady &= shipping.problems().isEmpty();
        for (var parked : relay.parked()) {
            var waiting = parked.problems();
            problems.addAll(waiting);
            isUp &= waiting.isEmpty();
        }
        problems.addAll(housekeeping.problems());
        isUp &= housekeeping.problems().isEmpty();
        var ofStores = stores.problems();
        problems.addAll(ofStores);
        isUp &= ofStores.isEmpty();
        var failure = outbox.failure();
        failure.ifPresent(why -> problems.add("the outbox takes nothing any more: " + why));
        isUp &= failure.isEmpty();
        var handlers = new HashMap<String, HandlerHealth>();
        for (var flow : flows) {
            problems.addAll(flow.problems());
            isReady &= flow.isReady();
            var health = flow.health();
            isUp &= health.blockedKeys().isEmpty()
                    && flow.lanes().fault() == null
                    && flow.lanes().lateAttempts().isEmpty();
            for (var blocked : health.blockedKeys()) {
                problems.add("handler " + flow.handler() + ": key " + blocked.key() + " of " + blocked.topic()
                        + " is blocked by " + blocked.event() + " after " + blocked.attempts() + " attempts: "
                        + blocked.code() + ", " + blocked.reason());
            }
            handlers.merge(flow.handler(), health, Engine::sum);
        }
        for (var handler : handlers.entrySet()) {
            var stopped = Stops.of(handler.getKey(), handler.getValue());
            problems.addAll(stopped);
            isReady &= stopped.isEmpty();
            isUp &= handler.getValue().brake().isEmpty();
        }
        var stats = outbox.stats();
        var waiting = new Health.OutboxHealth(stats.lastN(), shipping.unshipped(), stats.bytes());
        return new Health(isReady, isUp, problems, waiting, handlers);
    }

    private static HandlerHealth sum(HandlerHealth a, HandlerHealth b) {
        var blocked = new ArrayList<>(a.blockedKeys());
        blocked.addAll(b.blockedKeys());
        var skipped = new HashMap<>(a.skipped());
        b.skipped().forEach((reason, count) -> skipped.merge(reason, count, Long::sum));
        long lag = a.lag() < 0 || b.lag() < 0 ? -1 : a.lag() + b.lag();
        return new HandlerHealth(
                lag,
                a.inFlight() + b.inFlight(),
                blocked,
                a.duplicates() + b.duplicates(),
                a.stale() + b.stale(),
                skipped,
                a.breaker(),
                a.brake());
    }

    void stopHandling(Duration deadline) {
        stop(flows, deadline);
    }

    private static void stop(List<Flow> flows, Duration deadline) {
        flows.forEach(flow -> flow.beginStop(deadline));
        flows.forEach(flow -> flow.awaitStopped(deadline));
    }

    private void shipWhatIsTakenAtOnce() {
        try {
            if (relay.status().problems().isEmpty() && !relay.awaitShipped(SHIP_PATIENCE)) {
                LOG.info("{}: events are left in the outbox, they are shipped after the next start", name);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Takes all down; goes on whatever fails. */
    void close(Duration deadline) {
        var undo = new Undo();
        undo.add(opened.release());
        undo.add(outbox::close);
        locals.values().forEach(local -> undo.add(local::close));
        undo.add(stores.outgoing()::close);
        undo.add(relay::close);
        undo.add(this::shipWhatIsTakenAtOnce);
        undo.add(publishing::close);
        undo.add(stores::close);
        undo.add(letters::close);
        undo.add(watch::stop);
        undo.add(() -> stopHandling(deadline));
        undo.add(housekeeping::stop);
        undo.run(null);
        LOG.debug("{} is down", name);
    }
}
