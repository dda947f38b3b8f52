package dev.syncline.runtime.internal.outbox;

import dev.syncline.spi.Message;
import java.util.Objects;

/**
 * A message on its way out.
 *
 * @param broker name of the broker it goes to, {@code default} for the first
 * @param message its attribute {@code outboxseq}, if there is one, is replaced
 */
public record Outgoing(String broker, Message message) {

    public Outgoing {
        Objects.requireNonNull(broker, "broker");
        Objects.requireNonNull(message, "message");
    }
}
