package dev.syncline.spi;

import dev.syncline.api.BrokerException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletionStage;

/**
 * Keeps what handlers have applied and parked where all instances of a group find it, so that it follows a partition from
 * one instance to the next. Not necessarily reachable. Thread-safe.
 *
 * <p>The store keeps and fences; it decides nothing. What a duplicate is, which version is newer, when a letter is dead:
 * all of that the runtime reads out of what it put in, so that the rules are the same whatever the store.
 */
public interface StateStore extends AutoCloseable {

    /**
     * Looks whether it can be used. Called at start; never on the hot path.
     *
     * @param atMost how long it may block
     * @throws BrokerException retryable if the store is away; refused if permission is denied or it would lose what it is
     *     given, saying what to do
     */
    void check(Duration atMost);

    /**
     * Takes a partition for a handler: whoever had it before can neither ask nor change anything of it from now on. Does
     * not block.
     *
     * @param member who takes it, for people
     * @return fails with {@link BrokerException}, retryable if the store is away
     */
    CompletionStage<PartitionState> take(StateScope scope, int partition, String member);

    /**
     * Forgets all that is kept for a group; nothing if nothing is.
     *
     * @throws BrokerException if the store is away or refuses
     */
    void forget(String group, Duration atMost);

    /** Ends everything; what waits for an answer fails. Idempotent; from any thread. */
    @Override
    void close();

    /**
     * Whose state it is: that of a handler, on one broker, for one topic. Entries are found whatever partition of the
     * topic they were written for, since a key may change its partition.
     *
     * @param group {@code <application>.<handler>}
     * @param broker name of the broker within the application
     * @param topic of that broker
     * @param maxIds entries of {@link StateTable#IDS} that are kept at least, per scope
     * @param idRetention how long they are kept, unless more than {@code maxIds} came since
     */
    record StateScope(String group, String broker, String topic, long maxIds, Duration idRetention) {
        public StateScope {
            Objects.requireNonNull(group, "group");
            Objects.requireNonNull(broker, "broker");
            Objects.requireNonNull(topic, "topic");
            Objects.requireNonNull(idRetention, "idRetention");
            if (maxIds < 1 || idRetention.isNegative() || idRetention.isZero()) {
                throw new IllegalArgumentException(
                        "number and retention of ids are positive: " + maxIds + ", " + idRetention);
            }
        }
    }
}
