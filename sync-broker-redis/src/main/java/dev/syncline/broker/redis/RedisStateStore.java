package dev.syncline.broker.redis;

import dev.syncline.spi.PartitionState;
import dev.syncline.spi.StateStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** One Redis with shared state, over one connection. */
final class RedisStateStore implements StateStore {

    private final Connector connector;
    private final StateLink link;

    RedisStateStore(Connector connector) {
        this.connector = connector;
        this.link = new StateLink(connector);
    }

    @Override
    public void check(Duration atMost) {
        var deadline = new Deadline(atMost);
        var opening = connector.open();
        try (var session = deadline.await(
                opening, "cannot connect to " + connector.options().address())) {
            new Inspection(session, deadline, connector.options()).runForState();
        } finally {
            opening.cancel(false); // where it took too long: a connection that comes later is closed at once
        }
    }

    @Override
    public CompletionStage<PartitionState> take(StateScope scope, int partition, String member) {
        var what = "cannot take the state of partition " + partition + " of " + scope.topic() + " for " + scope.group();
        var name = StateKeys.scope(scope);
        var arguments = Keys.list(
                String.valueOf(partition),
                member,
                String.valueOf(scope.maxIds()),
                String.valueOf(Math.max(1, scope.idRetention().toMillis())));
        return link.call(
                session -> session.addMember(StateKeys.scopes(scope.group()), StateKeys.name(scope))
                        .thenCompose(added -> session.run(Script.STATE_TAKE, Keys.list(name), arguments))
                        .thenApply(reply ->
                                new RedisPartitionState(link, name, partition, reply.text(1), reply.number(2) == 1)),
                what);
    }

    @Override
    public void forget(String group, Duration atMost) {
        var deadline = new Deadline(atMost);
        var what = "cannot forget the state of " + group;
        for (var name : deadline.await(link.call(session -> session.members(StateKeys.scopes(group)), what), what)) {
            remove(StateKeys.scope(group, name), deadline, what);
        }
        var last = link.call(session -> session.unlink(List.of(Keys.bytes(StateKeys.scopes(group)))), what);
        deadline.await(last, what);
    }

    /** Forgets one scope; its name stays, as that of one that has nothing. */
    void forget(StateScope scope, Duration atMost) {
        remove(
                StateKeys.scope(scope),
                new Deadline(atMost),
                "cannot forget what is kept for " + scope.group() + " on " + scope.broker());
    }

    private void remove(String scope, Deadline deadline, String what) {
        var removed = link.call(
                session ->
                        session.fieldNames(scope).thenCompose(fields -> session.unlink(StateKeys.all(scope, fields))),
                what);
        deadline.await(removed, what);
    }

    @Override
    public void close() {
        link.close();
        connector.close();
    }
}
