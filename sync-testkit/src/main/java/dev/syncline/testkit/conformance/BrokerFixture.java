package dev.syncline.testkit.conformance;

import dev.syncline.api.ConfigurationException;
import dev.syncline.spi.Broker;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Defect.RawHeader;
import dev.syncline.spi.Position;
import dev.syncline.spi.TopicPartition;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@link BrokerConformance} asks of the adapter under test: clients, topics, and a hand on the server. One per
 * test; the server behind it may be shared by all tests of a class, since the suite never uses a name twice.
 *
 * <p>What a fixture cannot do it says in {@link #missing()}, with the reason; the test that would need it then checks
 * that the method refuses, and reports the reason. Nothing else may be missing.
 *
 * <p>Threading: the thread of the test; other fixtures of the same server are in use by other tests at the same time if
 * JUnit runs them in parallel, but not while the server is killed or paused.
 */
public interface BrokerFixture extends AutoCloseable {

    /** What a fixture may be unable to do. */
    enum Hook {
        /** {@link BrokerFixture#killServer} and {@link BrokerFixture#restartServer}. */
        KILL_SERVER,
        /** {@link BrokerFixture#pauseServer} and {@link BrokerFixture#resumeServer}. */
        PAUSE_SERVER,
        /** {@link BrokerFixture#denyTopic}. */
        DENY_TOPIC,
        /** {@link BrokerFixture#dropUpTo}. */
        DROP_MESSAGES,
        /** {@link BrokerFixture#store}. */
        STORE_RAW
    }

    /**
     * A new client of the server with these options beside the address; several are used as if each were a process of
     * its own. Closed by the suite, or by {@link #close}.
     *
     * @throws ConfigurationException as {@link dev.syncline.spi.BrokerProvider#open} threw it
     */
    Broker connect(Map<String, Object> options);

    /**
     * Makes a topic.
     *
     * @param topic 1 to 80 of {@code a-z 0-9 . -}, not used before
     */
    void createTopic(String topic, int partitions);

    /**
     * The longest time after which the partitions of a consumer that is no longer polled are another's. To be chosen
     * small by the options of {@link #connect}, since some tests wait for it; but long enough that a busy machine does
     * not lose a consumer that is polled ten times a second.
     */
    Duration takeover();

    /** How long a test waits for anything to happen before it fails. */
    default Duration patience() {
        return Duration.ofSeconds(30);
    }

    /**
     * Whether the broker lives in the process of its clients: then it is never away, {@link #killServer} ends its
     * clients with it, and clients that are connected after {@link #restartServer} find what was there.
     */
    default boolean isEmbedded() {
        return false;
    }

    /** Whether a key's partition is the one that Kafka's default partitioner chooses. */
    default boolean hasKafkaPartitions() {
        return true;
    }

    /** What this fixture cannot do, and why. */
    default Map<Hook, String> missing() {
        return Map.of();
    }

    /** Ends the server at once, as {@code kill -9} does. */
    default void killServer() {
        throw new UnsupportedOperationException();
    }

    /** Starts a killed server again on what it left behind; returns when it takes connections. */
    default void restartServer() {
        throw new UnsupportedOperationException();
    }

    /** Stops the server's process in its tracks, connections open, as {@code kill -STOP} does. */
    default void pauseServer() {
        throw new UnsupportedOperationException();
    }

    /** Lets a paused server go on. */
    default void resumeServer() {
        throw new UnsupportedOperationException();
    }

    /** Takes the clients' permission to read and write the topic. */
    default void denyTopic(String topic) {
        throw new UnsupportedOperationException();
    }

    /** Drops the oldest messages of a partition, up to and including the position, as retention does. */
    default void dropUpTo(TopicPartition partition, Position position) {
        throw new UnsupportedOperationException();
    }

    /**
     * Stores a message by other means than the adapter's, as a foreign program would.
     *
     * @param key empty if it has none
     * @param headers as the binding of the broker names them, {@code ce_id} and so on, in this order; may repeat
     * @param data null for none
     */
    default void store(TopicPartition partition, Bytes key, List<RawHeader> headers, @Nullable Bytes data) {
        throw new UnsupportedOperationException();
    }

    /** Closes every client that is still open, and brings the server back to how a test finds it. */
    @Override
    void close();
}
