package dev.syncline.runtime.internal.assembly;

import dev.syncline.runtime.DeadLetters;
import dev.syncline.runtime.Health;
import dev.syncline.runtime.Rewound;
import dev.syncline.runtime.internal.assembly.Storage.Opened;
import dev.syncline.runtime.internal.dispatch.AttemptWatch;
import dev.syncline.runtime.internal.local.LocalBroker;
import dev.syncline.runtime.internal.outbox.Outbox;
import dev.syncline.runtime.internal.publish.Publishing;
import dev.syncline.runtime.internal.relay.Relay;
import dev.syncline.runtime.internal.turns.Turns;
import dev.syncline.spi.Broker;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What runs between start and close: outbox, relay, one flow per handler and broker, housekeeping. Made in that order
 * by {@link EngineStart}, taken down in the other.
 */
final class Engine {

    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

    private static final Duration FORGET_PATIENCE = Duration.ofSeconds(10);

    /** How long close lets the relay ship what the broker takes at once. */
    private static final Duration SHIP_PATIENCE = Duration.ofSeconds(2);

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
    private final Housekeeping housekeeping;
    private final Publishing publishing;
    private final InstantSource clock;
    private final Quiet quiet;
    private final HealthReport health;

    Engine(
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
        this.housekeeping = housekeeping;
        this.publishing = publishing;
        this.clock = clock;
        this.quiet = new Quiet(outbox, relay, flows, turns);
        this.health = new HealthReport(outbox, relay, flows, checks, stores, housekeeping);
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

    /** What is not quiet; see {@link Quiet#whatIsOpen}. */
    List<String> whatIsOpen(long endNanos) {
        return quiet.whatIsOpen(endNanos);
    }

    Health health() {
        return health.now();
    }

    void stopHandling(Duration deadline) {
        stop(flows, deadline);
    }

    static void stop(List<Flow> flows, Duration deadline) {
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
