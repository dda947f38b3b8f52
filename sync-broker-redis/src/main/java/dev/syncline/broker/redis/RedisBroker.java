package dev.syncline.broker.redis;

import dev.syncline.spi.AssignmentListener;
import dev.syncline.spi.Broker;
import dev.syncline.spi.BrokerConsumer;
import dev.syncline.spi.BrokerProducer;
import dev.syncline.spi.Capabilities;
import dev.syncline.spi.Subscription;
import java.time.Duration;
import java.util.Set;
import java.util.function.BiConsumer;

/** One Redis. Producers and consumers have connections of their own; what is seldom asked opens one for the occasion. */
final class RedisBroker implements Broker {

    private static final Capabilities CAPABILITIES = new Capabilities(true, true, Outgoing.MAX_BYTES);

    private final Connector connector;

    RedisBroker(Connector connector) {
        this.connector = connector;
    }

    @Override
    public Capabilities capabilities() {
        return CAPABILITIES;
    }

    @Override
    public void check(Set<String> publish, Set<String> subscribe, String group, Duration atMost) {
        within(
                atMost,
                (session, deadline) ->
                        new Inspection(session, deadline, connector.options()).run(publish, subscribe, group));
    }

    @Override
    public BrokerProducer producer() {
        requireOpen();
        return new RedisProducer(connector);
    }

    @Override
    public BrokerConsumer consumer(Subscription subscription, AssignmentListener listener) {
        requireOpen();
        return new RedisConsumer(connector, subscription, listener);
    }

    @Override
    public void forgetGroup(String group, Duration atMost) {
        within(atMost, (session, deadline) -> new GroupRemoval(session, deadline, group).run());
    }

    @Override
    public void close() {
        connector.close();
    }

    private void within(Duration atMost, BiConsumer<Session, Deadline> task) {
        requireOpen();
        var deadline = new Deadline(atMost);
        var opening = connector.open();
        try (var session = deadline.await(
                opening, "cannot connect to " + connector.options().address())) {
            task.accept(session, deadline);
        } finally {
            // where it took too long: a connection that comes later is closed at once
            opening.cancel(false);
        }
    }

    private void requireOpen() {
        if (connector.isClosed()) {
            throw new IllegalStateException("the broker is closed");
        }
    }
}
