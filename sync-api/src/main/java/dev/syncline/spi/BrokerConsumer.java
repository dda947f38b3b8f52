package dev.syncline.spi;

import dev.syncline.api.BrokerException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Reads messages for a group. Poll-style, called by one thread at a time, except {@link #wakeup}; starts no thread that
 * runs policy. Never acknowledges by itself.
 *
 * <p>Rules: messages of one partition come in order of position, each once per assignment unless {@code seek} goes
 * back. What was not acknowledged is delivered again to the next owner, from the lowest on; that holds too for a group
 * that began at {@link Subscription.Start#LATEST} and has acknowledged nothing yet: where it began is kept. Pauses and
 * seeks end with the assignment. A call of this interface on a partition that is not assigned, or after
 * {@link #close}, throws {@code IllegalStateException}.
 */
public interface BrokerConsumer extends AutoCloseable {

    /**
     * Hands what is there to {@code sink}, at most {@link Subscription#maxPoll} messages, waiting for the first at most
     * {@code atMost}. To be called often, also while all partitions are paused: it keeps the membership alive, and
     * assignments change only here. A consumer that is not polled loses its partitions after a time that the adapter
     * documents.
     *
     * @throws BrokerException retryable if the broker is away (the consumer recovers by itself, call again; an adapter
     *     may as well wait and deliver nothing); refused if topic, permission or group is refused, or if the position
     *     is one that the broker no longer has: then nothing was skipped, and {@code seek} says where to go on
     */
    void poll(Duration atMost, Consumer<Received> sink);

    /**
     * Moves the group's position: everything up to and including the position is done. Does not wait for the broker:
     * it is asked at once, or in the next call. A later call for the same partition includes an earlier one, and never
     * goes back: a lower position than one acknowledged before is without effect. If the broker refuses because the
     * partition is no longer ours the call is without effect, and {@code onLost} follows.
     */
    void acknowledge(Map<TopicPartition, Acknowledgement> positions);

    /**
     * As {@link #acknowledge}, but returns after the broker confirmed. Where members of a group agree among themselves
     * who owns what it may take a {@link #poll} of each of them first, this one too; then this returns false, and what
     * was handed over goes with the next call.
     *
     * @return whether it did, within {@code atMost}; true for nothing
     */
    boolean acknowledgeNow(Map<TopicPartition, Acknowledgement> positions, Duration atMost);

    /** Delivers nothing of these partitions until {@link #resume}; keeps what was fetched where it can. */
    void pause(Set<TopicPartition> partitions);

    /** Delivers from these partitions again, going on where they stopped. */
    void resume(Set<TopicPartition> partitions);

    /**
     * The next message delivered of the partition is the first one after {@code position}. No seek moves the
     * acknowledged position.
     */
    void seekAfter(TopicPartition partition, Position position);

    /**
     * The next message delivered of the partition is the first one sent at or after {@code time}, or the next one to
     * come.
     */
    void seekTo(TopicPartition partition, Instant time);

    /** The next message delivered of the partition is the oldest there is, or the next one to come. */
    void seekTo(TopicPartition partition, Subscription.Start start);

    /**
     * How many messages the newest is ahead of the acknowledged position, without waiting for the broker; an upper bound
     * where positions have gaps.
     *
     * @return empty if it is not known now: a figure is some seconds old at most, and none outlives the broker that said
     *     it for longer
     */
    OptionalLong lag(TopicPartition partition);

    /** Makes a {@link #poll} that waits, or else the next one, return early. From any thread. */
    void wakeup();

    /**
     * Gives up all partitions ({@code onRevoked} first) and ends. Acknowledgements handed over before are sent.
     * Idempotent; waits a few seconds for the broker at most. Another thread that wants a waiting {@link #poll} to end
     * calls {@link #wakeup}, and leaves closing to the polling thread.
     */
    @Override
    void close();

    /**
     * How far a partition is done.
     *
     * @param position everything up to and including this is done
     * @param metadata a few bytes kept beside the position and given back on assignment; at most
     *     {@value #MAX_METADATA} characters of ASCII
     */
    record Acknowledgement(Position position, String metadata) {

        /** Longest metadata, in characters. */
        public static final int MAX_METADATA = 512;

        public Acknowledgement {
            if (metadata.length() > MAX_METADATA) {
                throw new IllegalArgumentException("metadata of " + metadata.length() + " characters");
            }
        }
    }
}
