package dev.syncline.runtime.internal.relay;

import dev.syncline.api.BrokerException;
import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.streams.OutboxCursor;
import dev.syncline.spi.Broker;
import dev.syncline.spi.Position;
import dev.syncline.spi.SendResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to what brokers refuse for good: entries of parked keys go into the broker's {@link OutgoingParking} instead of to
 * the broker, and count as shipped once they are forced; heads that were handed in again are sent by a {@link ParkedSender}.
 *
 * <p>Threading: the relay's thread; {@link #isSending} any.
 */
final class ParkedOutgoing {

    private static final Logger LOG = LoggerFactory.getLogger(ParkedOutgoing.class);

    private final Map<String, OutgoingParking> parking;
    private final RelayCore core;
    private final List<ParkedSender> senders = new ArrayList<>();
    private final List<Ticket> unforced = new ArrayList<>();

    /**
     * Of all brokers.
     *
     * @param parking by broker; one that has none has its destination stopped
     * @param signals takes what senders are to be told on the relay's thread
     */
    ParkedOutgoing(
            Map<String, OutgoingParking> parking,
            Map<String, Broker> brokers,
            RelaySettings settings,
            RelayCore core,
            Backoff backoff,
            ProducerCloser closer,
            Consumer<Object> signals,
            long nowNanos) {
        this.parking = parking;
        this.core = core;
        parking.forEach((name, ofBroker) -> {
            var broker = brokers.get(name);
            if (broker != null) {
                senders.add(new ParkedSender(ofBroker, broker, settings, backoff, closer, signals, nowNanos));
            }
        });
    }

    /** The relay goes on there. Before it takes anything. */
    void begin(Cursors from) {
        from.destinations().forEach((destination, mark) -> {
            var ofBroker = parking.get(destination.broker());
            if (ofBroker != null) {
                ofBroker.begins(destination.topic(), mark);
            }
        });
    }

    /** Takes an entry whose key waits, or that was refused; false if it is to be sent. */
    boolean take(Flow flow, OutboxCursor entry, long nowNanos) {
        var ofBroker = parking.get(flow.destination.broker());
        return ofBroker != null && !ofBroker.isIdle() && take(ofBroker, flow, entry, nowNanos);
    }

    private boolean take(OutgoingParking ofBroker, Flow flow, OutboxCursor entry, long nowNanos) {
        var at = new Position(entry.index(), entry.ordinal());
        var event = ofBroker.envelope(entry.message(), at, entry.appendedAtMillis());
        if (!ofBroker.takes(event)) {
            return false;
        }
        long ticket = core.take(flow, entry.index(), entry.ordinal(), entry.n(), entry.bytes(), nowNanos);
        try {
            ofBroker.park(event);
            unforced.add(new Ticket(ofBroker, flow, ticket));
        } catch (OutboxException refused) {
            core.onAnswer(flow, ticket, cannotPark(refused), nowNanos); // nothing behind it is taken then
        }
        return true;
    }

    /** What was taken in this turn counts as shipped once it is forced. Blocks for the disk, if there is any. */
    void settle(long nowNanos) {
        if (unforced.isEmpty()) {
            return;
        }
        for (var each : unforced) {
            try {
                each.parking.force();
                core.onParked(each.flow, each.ticket, nowNanos);
            } catch (OutboxException refused) {
                core.onAnswer(each.flow, each.ticket, cannotPark(refused), nowNanos);
            }
        }
        unforced.clear();
    }

    private static SendResult cannotPark(OutboxException why) {
        return new SendResult.Failed(BrokerException.refused(
                "an event is refused for good, and its key cannot be parked: " + why.getMessage(), why));
    }

    /** What the core is to know of an answer. What is refused for good is parked when it is read again, if it can be. */
    SendResult note(Batch.Answer answer) {
        var flow = answer.flow();
        if (answer.result() instanceof SendResult.Failed failed
                && failed.reason().isAboutMessage()
                && flow.window.isPending(answer.ticket())) {
            var ofBroker = parking.get(flow.destination.broker());
            var why = String.valueOf(failed.reason().getMessage());
            if (ofBroker == null) {
                return new SendResult.Failed(BrokerException.refused(why, failed.reason()));
            }
            LOG.error("{}: an event is refused and its key parked: {}", flow.destination, why);
            ofBroker.refuse(flow.window.position(answer.ticket()), why);
        }
        return answer.result();
    }

    /** Sends heads that were handed in again; after a rewind what lies before them in the outbox goes first. */
    int send(Destinations destinations, long nowNanos) {
        int sent = 0;
        for (var sender : senders) {
            var broker = sender.broker();
            sent += sender.run(nowNanos, (topic, head) -> destinations.isShippedUpTo(broker, topic, head)) ? 1 : 0;
        }
        return sent;
    }

    /** When {@link #send} may have something to do although nothing came. */
    long nanosToNextTimer(long nowNanos) {
        long next = Long.MAX_VALUE;
        for (var sender : senders) {
            next = Math.min(next, sender.nanosToNextTimer(nowNanos));
        }
        return next;
    }

    /** Begins to close all producers. */
    void close() {
        senders.forEach(ParkedSender::close);
    }

    /** Whether a producer may still send. Any thread. */
    boolean isSending() {
        return senders.stream().anyMatch(ParkedSender::isSending);
    }

    private record Ticket(OutgoingParking parking, Flow flow, long ticket) {}
}
