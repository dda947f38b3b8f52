package dev.syncline.spi;

import java.util.List;

/**
 * Sends messages. Called by one thread, except {@link #close}.
 *
 * <p>Rules of order: messages of one partition reach the broker in the order they were handed over, each confirmed or
 * not known. After the first message of a partition that did not end in {@link SendResult.Sent}, every later one of
 * that partition is answered {@link SendResult.NotAttempted} and has not reached the broker, until this producer is
 * closed and another one made: nothing behind a failed message is sent by the adapter's own decision. Only where the
 * first one's answer is what got lost, so that it may have arrived, may those that were on their way with it have
 * arrived too: they are answered {@link SendResult.Failed} and retryable as well. So what has arrived of one producer
 * and partition is at any time the beginning of what was handed over, without a gap.
 */
public interface BrokerProducer extends AutoCloseable {

    /**
     * Hands messages over, in order; they may go to several topics. Never blocks for the broker.
     *
     * @param listener told the result of each message once, from any thread, in order per partition; it must not block
     */
    void send(List<Message> batch, SendListener listener);

    /**
     * Ends the producer. What is unanswered is abandoned: answered {@link SendResult.Failed} or
     * {@link SendResult.NotAttempted} before this returns, and not sent any more afterwards. Does not wait for a broker
     * that is away. Idempotent; from any thread. What is handed over later is answered
     * {@link SendResult.NotAttempted}.
     */
    @Override
    void close();

    /** Told how each message of a batch ended. */
    @FunctionalInterface
    interface SendListener {

        /** The message at {@code index} of the batch ended so. */
        void onResult(int index, SendResult result);
    }
}
