package dev.syncline.broker.redis;

import dev.syncline.api.BrokerException;
import dev.syncline.spi.BrokerProducer.SendListener;
import dev.syncline.spi.Message;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message on its way to a stream.
 *
 * @param fields as {@code XADD} takes them
 * @param bytes how many of them
 * @param refusal why it cannot be sent at all, null if it can; it still takes its place in the order
 */
record Outgoing(
        Message message,
        List<byte[]> fields,
        int bytes,
        SendListener listener,
        int index,
        @Nullable BrokerException refusal) {

    /** The largest message that is sent: far below what Redis takes, and more than belongs into its memory. */
    static final int MAX_BYTES = 16 * 1024 * 1024;

    static Outgoing of(Message message, SendListener listener, int index) {
        var header = EntryCodec.unwritableHeader(message);
        if (header != null) {
            return new Outgoing(
                    message,
                    List.of(),
                    0,
                    listener,
                    index,
                    BrokerException.refusedMessage(
                            described(message) + " has a transport header \"" + header
                                    + "\", a name that means something else in a Redis entry: rename it",
                            null));
        }
        var fields = EntryCodec.fields(message);
        int bytes = 0;
        for (var field : fields) {
            bytes = Math.addExact(bytes, field.length);
        }
        return new Outgoing(
                message,
                fields,
                bytes,
                listener,
                index,
                bytes <= MAX_BYTES
                        ? null
                        : BrokerException.refusedMessage(
                                described(message) + " takes " + bytes + " bytes, and at most " + MAX_BYTES
                                        + " are sent to Redis: send a reference to the data instead (dataref)",
                                null));
    }

    String described() {
        return described(message);
    }

    private static String described(Message message) {
        return "message " + message.attribute("id") + " for topic \"" + message.topic() + "\"";
    }
}
