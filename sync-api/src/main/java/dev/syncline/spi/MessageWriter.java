package dev.syncline.spi;

import java.util.function.BiConsumer;

/**
 * Writes the headers of a message in binary mode by the rules of the CloudEvents Kafka binding, the inverse of
 * {@link MessageReader}.
 */
public final class MessageWriter {

    private MessageWriter() {}

    /** Hands each header to {@code sink} as name and text, each name once. */
    public static void headers(Message message, BiConsumer<String, String> sink) {
        message.attributes().forEach((name, value) -> {
            if (name.equals("datacontenttype")) {
                sink.accept("content-type", value);
            } else {
                sink.accept("ce_" + name, value);
            }
        });
        message.headers().forEach(sink);
    }
}
