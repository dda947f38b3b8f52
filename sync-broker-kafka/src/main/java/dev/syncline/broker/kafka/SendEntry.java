package dev.syncline.broker.kafka;

import dev.syncline.spi.BrokerProducer.SendListener;
import dev.syncline.spi.Message;
import dev.syncline.spi.SendResult;
import org.jspecify.annotations.Nullable;

/** One message on its way out, and who is to be told how it ended. Guarded by the producer's lock. */
final class SendEntry {

    final Message message;
    final byte @Nullable [] key;
    private final int index;
    private final SendListener listener;

    /** What the client said of it; null until then. */
    @Nullable
    SendResult outcome;

    SendEntry(Message message, int index, SendListener listener) {
        this.message = message;
        this.key = KafkaRecords.key(message);
        this.index = index;
        this.listener = listener;
    }

    void tell(SendResult result) {
        listener.onResult(index, result);
    }
}
