package dev.syncline.runtime.internal.assembly;

import dev.syncline.api.ConfigurationException;
import dev.syncline.runtime.Durability;
import dev.syncline.runtime.internal.dispatch.AttemptWatch;
import dev.syncline.runtime.internal.envelope.EnvelopeReader;
import dev.syncline.runtime.internal.local.LocalBroker;
import dev.syncline.runtime.internal.outbox.Outbox;
import dev.syncline.runtime.internal.park.ParkSettings;
import dev.syncline.runtime.internal.publish.EventEncoder;
import dev.syncline.runtime.internal.publish.EventIds;
import dev.syncline.runtime.internal.publish.Publishing;
import dev.syncline.runtime.internal.relay.OutgoingParking;
import dev.syncline.runtime.internal.relay.Relay;
import dev.syncline.runtime.internal.relay.RelaySettings;
import dev.syncline.spi.Broker;
import dev.syncline.spi.LogStore.LogScope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts up what runs between start and close, each part after those that it needs. */
final class EngineStart {

    private static final Logger LOG = LoggerFactory.getLogger(EngineStart.class);

    private EngineStart() {}

    /** Starts all; whatever fails, what was started before is taken down. */
    static Engine run(Blueprint blueprint, Publishing publishing) {
        var undo = new Undo();
        try {
            return run(blueprint, publishing, undo);
        } catch (RuntimeException | Error failure) {
            undo.run(failure);
            throw failure;
        }
    }

    private static Engine run(Blueprint blueprint, Publishing publishing, Undo undo) {
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
        var checks = BrokerChecks.run(blueprint, brokers);
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
                        Blueprint.member(outbox.storeId().toString()),
                        blueprint.clock(),
                        turns,
                        findings),
                blueprint.storage().lives(blueprint.turns().unique()),
                findings);
        undo.add(stores::close);
        stores.shared().check();
        stores.remote().check(logs(blueprint));
        nameForgotten(blueprint, locals, stores.inboxes());
        var flows = new Flows(blueprint, brokers, outbox.storeId().toString(), stores).make();
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
            undo.add(() -> Engine.stop(List.of(flow), Duration.ZERO));
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
        var groups = plans.stream().map(blueprint::group).toList();
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
}
