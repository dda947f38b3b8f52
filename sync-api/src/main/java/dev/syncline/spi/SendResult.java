package dev.syncline.spi;

import dev.syncline.api.BrokerException;

/** How the hand-over of one message to a broker ended. */
public sealed interface SendResult {

    /** The broker confirmed it, as durable as its settings make it. */
    record Sent(TopicPartition partition, Position position) implements SendResult {}

    /**
     * It is not confirmed. If the reason is retryable it may or may not have reached the broker; if not, the broker or
     * the client refused it for good.
     */
    record Failed(BrokerException reason) implements SendResult {}

    /** It was not sent, because an earlier one of its partition was not confirmed, or the producer was closed. */
    record NotAttempted() implements SendResult {}
}
