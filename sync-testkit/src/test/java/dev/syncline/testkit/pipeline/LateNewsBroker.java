package dev.syncline.testkit.pipeline;

import dev.syncline.spi.Broker;
import dev.syncline.spi.BrokerConsumer;
import dev.syncline.spi.BrokerContext;
import dev.syncline.spi.BrokerProvider;
import dev.syncline.testkit.InMemoryBroker;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/**
 * An in-memory broker whose consumers do not hear of new messages until they are told to, and say meanwhile that there are
 * none: as a Kafka client does between two fetches, and for as long as its broker is away.
 */
final class LateNewsBroker implements BrokerProvider {

    private final InMemoryBroker server;
    private final CountDownLatch withheld = new CountDownLatch(1);
    private volatile boolean isNewsHeld;

    LateNewsBroker(InMemoryBroker server) {
        this.server = server;
    }

    /** From its return on; a poll that waits may still bring something before. Once. */
    void holdNews() throws InterruptedException {
        isNewsHeld = true;
        withheld.await();
    }

    void letNewsThrough() {
        isNewsHeld = false;
    }

    @Override
    public Set<String> schemes() {
        return server.schemes();
    }

    @Override
    public Broker open(BrokerContext context) {
        var broker = server.open(context);
        return proxy(Broker.class, (self, method, arguments) -> {
            var result = method.invoke(broker, arguments);
            return result instanceof BrokerConsumer consumer ? late(consumer) : result;
        });
    }

    private BrokerConsumer late(BrokerConsumer consumer) {
        return proxy(BrokerConsumer.class, (self, method, arguments) -> {
            if (isNewsHeld && method.getName().equals("poll")) {
                withheld.countDown();
                LockSupport.parkNanos(1_000_000);
                return null;
            }
            return isNewsHeld && method.getName().equals("lag")
                    ? OptionalLong.of(0)
                    : method.invoke(consumer, arguments);
        });
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        InvocationHandler unwrapping = (self, method, arguments) -> {
            try {
                return handler.invoke(self, method, arguments);
            } catch (InvocationTargetException thrown) {
                throw thrown.getCause();
            }
        };
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, unwrapping));
    }
}
