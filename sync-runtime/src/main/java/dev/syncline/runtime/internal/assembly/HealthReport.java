package dev.syncline.runtime.internal.assembly;

import dev.syncline.runtime.Health;
import dev.syncline.runtime.Health.HandlerHealth;
import dev.syncline.runtime.internal.outbox.Outbox;
import dev.syncline.runtime.internal.relay.Relay;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;

/** What health says of an instance, gathered from all of its parts. Any thread. */
final class HealthReport {

    private final Outbox outbox;
    private final Relay relay;
    private final List<Flow> flows;
    private final List<BrokerCheck> checks;
    private final HandlerStores stores;
    private final Housekeeping housekeeping;

    HealthReport(
            Outbox outbox,
            Relay relay,
            List<Flow> flows,
            List<BrokerCheck> checks,
            HandlerStores stores,
            Housekeeping housekeeping) {
        this.outbox = outbox;
        this.relay = relay;
        this.flows = flows;
        this.checks = checks;
        this.stores = stores;
        this.housekeeping = housekeeping;
    }

    /** How it stands now. */
    Health now() {
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
            handlers.merge(flow.handler(), health, HealthReport::sum);
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
}
