package dev.syncline.runtime.internal.relay;

import dev.syncline.spi.BrokerProducer.SendListener;
import dev.syncline.spi.Message;
import dev.syncline.spi.SendResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** Messages that are handed to a producer at once, and where their answers belong. */
final class Batch implements SendListener {

    private final Consumer<Answer> answers;
    private final List<Message> messages = new ArrayList<>();
    private final List<Flow> flows = new ArrayList<>();
    private long[] tickets = new long[16];
    private long bytes;

    /**
     * An empty batch.
     *
     * @param answers gets each answer, on any thread
     */
    Batch(Consumer<Answer> answers) {
        this.answers = answers;
    }

    void add(Flow flow, long ticket, Message message, int messageBytes) {
        if (messages.size() == tickets.length) {
            tickets = Arrays.copyOf(tickets, 2 * tickets.length);
        }
        tickets[messages.size()] = ticket;
        flows.add(flow);
        messages.add(message);
        bytes += messageBytes;
    }

    /** As handed over; not changed any more. */
    List<Message> messages() {
        return messages;
    }

    int size() {
        return messages.size();
    }

    long bytes() {
        return bytes;
    }

    @Override
    public void onResult(int index, SendResult result) {
        answers.accept(new Answer(flows.get(index), tickets[index], result));
    }

    /** How the sending of one message ended. */
    record Answer(Flow flow, long ticket, SendResult result) {}
}
