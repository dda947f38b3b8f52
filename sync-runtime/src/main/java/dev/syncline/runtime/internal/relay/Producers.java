package dev.syncline.runtime.internal.relay;

import dev.syncline.runtime.internal.streams.OutboxCursor;
import dev.syncline.spi.Broker;
import dev.syncline.spi.BrokerProducer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands entries to producers, batch by batch; opens a session's producer for its first batch, and closes it when the core
 * wants it gone.
 *
 * <p>Threading: the relay's thread; {@link #isSending} any.
 */
final class Producers {

    private static final Logger LOG = LoggerFactory.getLogger(Producers.class);

    private final Map<String, Broker> brokers;
    private final RelaySettings settings;
    private final RelayCore core;
    private final ProducerCloser closer;
    private final Consumer<Object> signals;
    private final Map<Session, BrokerProducer> open = new LinkedHashMap<>();
    private final AtomicInteger maySend = new AtomicInteger();
    private final Map<Session, Batch> batches = new LinkedHashMap<>();

    /**
     * None is open yet.
     *
     * @param brokers those to ship to, by name
     * @param signals gets answers, and sessions whose producer is closed, on any thread
     */
    Producers(
            Map<String, Broker> brokers,
            RelaySettings settings,
            RelayCore core,
            ProducerCloser closer,
            Consumer<Object> signals) {
        this.brokers = brokers;
        this.settings = settings;
        this.core = core;
        this.closer = closer;
        this.signals = signals;
    }

    /** Puts an entry into its session's batch, which is sent before if it is full; false if that broke the producer. */
    boolean add(Flow flow, OutboxCursor entry, long nowNanos) {
        int bytes = entry.bytes();
        var session = flow.session;
        var batch = batches.get(session);
        if (batch != null
                && (batch.size() >= settings.batchMessages() || batch.bytes() + bytes > settings.batchBytes())) {
            batches.remove(session);
            send(session, batch, nowNanos);
            batch = null;
            if (!core.canTake(flow, bytes)) {
                return false;
            }
        }
        if (batch == null) {
            batch = new Batch(signals::accept);
            batches.put(session, batch);
        }
        var message = entry.message();
        batch.add(flow, core.take(flow, entry.index(), entry.ordinal(), entry.n(), bytes, nowNanos), message, bytes);
        return true;
    }

    /** Sends what was added. */
    void sendAll(long nowNanos) {
        if (!batches.isEmpty()) {
            var full = List.copyOf(batches.entrySet());
            batches.clear();
            full.forEach(each -> send(each.getKey(), each.getValue(), nowNanos));
        }
    }

    private void send(Session session, Batch batch, long nowNanos) {
        try {
            var producer = open.get(session);
            if (producer == null) {
                producer = broker(session).producer();
                open.put(session, producer);
                maySend.incrementAndGet();
            }
            producer.send(batch.messages(), batch);
        } catch (RuntimeException broken) {
            LOG.error("the client of broker {} failed while sending, it is opened again", session.broker(), broken);
            core.onBroken(session, broken, nowNanos);
        }
    }

    private Broker broker(Session session) {
        var broker = brokers.get(session.broker());
        if (broker == null) {
            throw new AssertionError(session);
        }
        return broker;
    }

    /** Begins to close a session's producer; the core is told when nothing of it is under way any more. */
    void close(Session session, long nowNanos) {
        var producer = open.remove(session);
        if (producer == null) {
            core.onClosed(session, nowNanos);
        } else {
            closer.close(producer, () -> {
                maySend.decrementAndGet();
                signals.accept(session);
            });
        }
    }

    /** Begins to close all of them. */
    void closeAll(long nowNanos) {
        List.copyOf(open.keySet()).forEach(session -> close(session, nowNanos));
    }

    /** Whether one may still send. Any thread. */
    boolean isSending() {
        return maySend.get() > 0;
    }
}
