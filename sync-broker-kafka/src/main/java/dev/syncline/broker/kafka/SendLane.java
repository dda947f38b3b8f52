package dev.syncline.broker.kafka;

import dev.syncline.api.BrokerException;
import dev.syncline.spi.SendResult;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The order of one partition, as one producer keeps it: what waits, what Kafka's client has, what was answered. Decides
 * alone; no thread, no client, no lock inside.
 *
 * <p>Kafka's client sends on when the broker refuses a batch, so that a refused message would be overtaken by the ones
 * behind it. What saves the order of those already on their way is the broker, which takes the batches of one producer
 * only in sequence; but it does so only once it knows the producer. So the first message to a partition goes alone, and
 * the number that may be under way grows by one with each that was confirmed. That also finds the one bad message in a
 * batch that is refused as a whole: the next producer begins with one again.
 */
final class SendLane {

    private final Deque<SendEntry> queued = new ArrayDeque<>();
    private final Deque<SendEntry> underWay = new ArrayDeque<>();
    private int window = 1;

    /** Nothing more is given to the client. */
    private boolean halted;

    /** The first message that was not sent has been answered. */
    private boolean stopped;

    private boolean refused;

    /** Takes the next message of the partition. */
    void add(SendEntry entry, SendResults results) {
        queued.add(entry);
        settle(results);
    }

    /** The message that the client may be given now, null if none; it counts as under way. */
    @Nullable
    SendEntry next() {
        if (halted || underWay.size() >= window || queued.isEmpty()) {
            return null;
        }
        var entry = queued.remove();
        underWay.add(entry);
        return entry;
    }

    /** The client could not take the message that {@link #next} gave last, and nothing was sent. */
    void giveBack(SendEntry entry) {
        underWay.removeLastOccurrence(entry);
        queued.addFirst(entry);
    }

    /** The broker confirmed it. */
    void confirmed(SendEntry entry, SendResult.Sent sent, SendResults results) {
        entry.outcome = sent;
        window++;
        settle(results);
    }

    /**
     * It is not confirmed: from here on nothing of the partition is given to the client.
     *
     * @return whether the client has messages behind it, which it must be kept from sending
     */
    boolean failed(SendEntry entry, BrokerException reason, SendResults results) {
        boolean isLast = underWay.peekLast() == entry;
        entry.outcome = new SendResult.Failed(reason);
        halt(results);
        return !isLast;
    }

    /** Gives the client nothing more; what it has may still be answered. */
    void halt(SendResults results) {
        halted = true;
        settle(results);
    }

    /** The client is closed: what it had may have arrived, what waited has not. */
    void abandon(BrokerException reason, SendResults results) {
        for (var entry : underWay) {
            if (entry.outcome == null) {
                entry.outcome = new SendResult.Failed(reason);
            }
        }
        halt(results);
    }

    /** Hands on what is answered, from the oldest on, so that results come in order. */
    private void settle(SendResults results) {
        while (!underWay.isEmpty()) {
            var outcome = underWay.element().outcome;
            if (outcome == null) {
                return;
            }
            answer(underWay.remove(), outcome, results);
        }
        while (halted && !queued.isEmpty()) {
            results.add(queued.remove(), new SendResult.NotAttempted());
        }
    }

    private void answer(SendEntry entry, SendResult outcome, SendResults results) {
        if (refused) {
            // the broker has nothing of a batch that it refused, and takes none behind it, out of sequence
            results.add(entry, new SendResult.NotAttempted());
            return;
        }
        if (!stopped && outcome instanceof SendResult.Failed failure) {
            stopped = true;
            refused = !failure.reason().isRetryable();
        }
        results.add(entry, outcome);
    }
}
