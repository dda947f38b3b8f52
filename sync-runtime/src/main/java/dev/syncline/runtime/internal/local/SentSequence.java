package dev.syncline.runtime.internal.local;

import dev.syncline.spi.Message;
import java.util.HashMap;

/**
 * Carries the attribute {@code outboxseq} of a message that is sent to the local broker, or that it has none. The outbox
 * gives each entry a number of its own, in place of what was there. That is right for what the application publishes;
 * a message that is sent here by a producer comes from elsewhere, and may be sent again after a failure: only by its
 * own number is the repeat seen to be one.
 */
final class SentSequence {

    private static final String OUTBOXSEQ = "outboxseq";
    private static final String HEADER = "sync_outboxseq";

    private SentSequence() {}

    /** The message as it goes into the outbox. */
    static Message keep(Message sent) {
        var headers = new HashMap<>(sent.headers());
        headers.put(HEADER, sent.attribute(OUTBOXSEQ));
        return new Message(sent.topic(), sent.key(), sent.attributes(), headers, sent.data());
    }

    /** The message as it was sent, if it was. */
    static Message restore(Message stored) {
        var sequence = stored.headers().get(HEADER);
        if (sequence == null) {
            return stored;
        }
        var headers = new HashMap<>(stored.headers());
        headers.remove(HEADER);
        var attributes = new HashMap<>(stored.attributes());
        if (sequence.isEmpty()) {
            attributes.remove(OUTBOXSEQ);
        } else {
            attributes.put(OUTBOXSEQ, sequence);
        }
        return new Message(stored.topic(), stored.key(), attributes, headers, stored.data());
    }
}
