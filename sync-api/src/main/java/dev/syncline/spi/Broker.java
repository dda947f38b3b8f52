package dev.syncline.spi;

import dev.syncline.api.BrokerException;
import java.time.Duration;
import java.util.Set;

/**
 * One configured broker, not necessarily reachable. Thread-safe. What it makes is closed before it.
 */
public interface Broker extends AutoCloseable {

    /** What this adapter can do, constant. */
    Capabilities capabilities();

    /**
     * Looks whether the topics can be used as asked, and makes missing ones if the options ask for it. Called at start
     * and again while the broker is away; never on the hot path.
     *
     * @param publish topics to be written to
     * @param subscribe topics to be read from
     * @param group group to read them under; empty if none
     * @param atMost how long it may block
     * @throws BrokerException retryable if the broker is away; refused if topics are missing, permission denied or the
     *     group cannot be used, naming each and what to do
     */
    void check(Set<String> publish, Set<String> subscribe, String group, Duration atMost);

    /**
     * A new producer. Returns at once, whether the broker is reachable or not.
     */
    BrokerProducer producer();

    /**
     * A new consumer, already subscribed. Returns at once, whether the broker is reachable or not; the assignment comes
     * in calls of {@link BrokerConsumer#poll}.
     */
    BrokerConsumer consumer(Subscription subscription, AssignmentListener listener);

    /**
     * Forgets a group: its positions, leases and pending entries. For groups that no handler has any more. A group that
     * does not exist is forgotten already.
     *
     * @throws BrokerException refused if the group is in use, retryable if the broker is away
     */
    void forgetGroup(String group, Duration atMost);

    /** Ends everything. Idempotent; from any thread. */
    @Override
    void close();
}
