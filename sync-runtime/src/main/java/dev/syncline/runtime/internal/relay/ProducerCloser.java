package dev.syncline.runtime.internal.relay;

import dev.syncline.spi.BrokerProducer;

/** Closes producers somewhere else: a client that hangs in its close must not hold up other brokers (L7). */
@FunctionalInterface
interface ProducerCloser {

    /** Closes the producer, and then, when nothing of it is under way any more, runs {@code whenClosed}. */
    void close(BrokerProducer producer, Runnable whenClosed);
}
