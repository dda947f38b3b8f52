package dev.syncline.testkit;

import dev.syncline.api.ConfigurationException;
import dev.syncline.spi.Broker;
import dev.syncline.spi.BrokerConsumer.Acknowledgement;
import dev.syncline.spi.BrokerContext;
import dev.syncline.spi.BrokerProvider;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Defect.RawHeader;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.TopicPartition;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.Condition;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A broker in the memory of a test: it behaves as the real ones do, passes the same conformance suite, and fails when
 * told to. One object is one server. It outlives the clients that are opened on it, so that a test can end an
 * application and start it again on the same messages and positions:
 *
 * <pre>{@code
 * var broker = new InMemoryBroker();
 * broker.createTopic("catalog.product", 4);
 * Sync.builder("shop").broker(broker, "memory:")…
 * }</pre>
 *
 * <p>Not registered with {@link java.util.ServiceLoader}: a test passes the object, so that no two tests share a server
 * by accident. Options of the URI: {@code topics.create=true} makes missing topics, {@code topics.partitions} says with how
 * many partitions (4).
 *
 * <p>Threading: any thread. It has no thread of its own: rebalances happen in {@code poll} of the members, results of
 * a send are told on the sending thread, or on the one that ends a fault. It never sleeps.
 */
public final class InMemoryBroker implements BrokerProvider {

    private static final String CREATE_TOPICS = "topics.create";
    private static final String PARTITIONS = "topics.partitions";

    private final MemoryServer server;

    /** A server as {@link #builder()} makes it with nothing set. */
    public InMemoryBroker() {
        this(builder());
    }

    private InMemoryBroker(Builder builder) {
        server = new MemoryServer(
                builder.clock, builder.time, builder.onChange, builder.sessionTimeout, builder.maxMessageBytes);
    }

    /** For a server that differs from the default. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public Set<String> schemes() {
        return Set.of("memory");
    }

    @Override
    public Broker open(BrokerContext context) {
        var problems = new ArrayList<String>();
        for (var name : new TreeSet<>(context.options().keySet())) {
            if (!name.equals(CREATE_TOPICS) && !name.equals(PARTITIONS)) {
                problems.add("unknown option \"" + name + "\" of broker \"" + context.name() + "\"; memory: knows "
                        + CREATE_TOPICS + " and " + PARTITIONS);
            }
        }
        var create = String.valueOf(context.options().getOrDefault(CREATE_TOPICS, "false"));
        if (!create.equals("true") && !create.equals("false")) {
            problems.add("option \"" + CREATE_TOPICS + "\" of broker \"" + context.name() + "\" is true or false");
        }
        var partitions = String.valueOf(context.options().getOrDefault(PARTITIONS, "4"));
        if (!partitions.matches("[1-9][0-9]{0,3}")) {
            problems.add("option \"" + PARTITIONS + "\" of broker \"" + context.name() + "\" is 1 to 9999");
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return new MemoryClient(server, create.equals("true") ? Integer.parseInt(partitions) : 0);
    }

    /**
     * Makes a topic.
     *
     * @param partitions 1 or more
     * @throws IllegalArgumentException if it exists
     */
    public void createTopic(String topic, int partitions) {
        locked(() -> server.createTopic(topic, partitions));
    }

    /** Stores a message as a foreign program would: any headers, repeated or malformed. */
    public Position store(TopicPartition partition, Bytes key, List<RawHeader> headers, @Nullable Bytes data) {
        return locked(() -> server.append(partition, new MemoryRecord(key, headers, data)));
    }

    /** All messages of a topic, partition by partition, in order of position. */
    public List<Received> messages(String topic) {
        return locked(() -> {
            var messages = new ArrayList<Received>();
            var logs = server.logs(topic);
            for (int i = 0; i < logs.size(); i++) {
                var partition = new TopicPartition(topic, i);
                var log = logs.get(i);
                for (long offset = log.oldest(); offset < log.end(); offset++) {
                    var message = log.read(partition, offset);
                    if (message != null) {
                        messages.add(message);
                    }
                }
            }
            return List.copyOf(messages);
        });
    }

    /** The message at a position; null if there is none any more, or never was. */
    public @Nullable Received message(TopicPartition partition, Position position) {
        return locked(() -> {
            var log = server.log(partition);
            long offset = position.major();
            return offset < log.oldest() || offset >= log.end() ? null : log.read(partition, offset);
        });
    }

    /** Leaves positions that no message has, as transactions and compaction do; nothing if there is no such topic. */
    public void leaveGap(TopicPartition partition, int positions) {
        locked(() -> {
            if (server.hasTopic(partition.topic())) {
                for (int i = 0; i < positions; i++) {
                    server.log(partition).append(null, server.clock.instant());
                }
            }
        });
    }

    /** All members of all groups lose their partitions without a word, as when they were silent for too long. */
    public void expelMembers() {
        locked(() -> {
            server.groups.values().forEach(MemoryGroup::expelAll);
            server.signalChange();
        });
    }

    /** How far a group is done with a partition; empty if it acknowledged nothing there. */
    public Optional<Acknowledgement> acknowledged(String group, TopicPartition partition) {
        return locked(() -> Optional.ofNullable(server.group(group).acknowledged(partition)));
    }

    /** Goes away, as after a kill -9 with a sound disk: clients are refused until {@link #start}; nothing is lost. */
    public void stop() {
        server.become(MemoryServer.State.DOWN);
    }

    /** Is back after {@link #stop} or {@link #pause}. */
    public void start() {
        server.become(MemoryServer.State.UP);
    }

    /** Answers nobody, and refuses nobody, until {@link #start}: as after SIGSTOP. */
    public void pause() {
        server.become(MemoryServer.State.PAUSED);
    }

    /**
     * Stores the next messages, and tells their senders that they failed: what a connection does that breaks between
     * request and response.
     */
    public void loseConfirmations(int messages) {
        locked(() -> server.confirmationsToLose = messages);
    }

    /** Stores each of the next messages twice, so that every group gets them twice. */
    public void storeTwice(int messages) {
        locked(() -> server.messagesToStoreTwice = messages);
    }

    /** Stores what is sent, and confirms nothing until {@link #releaseConfirmations}. */
    public void holdConfirmations() {
        locked(() -> server.holdsConfirmations = true);
    }

    /** Confirms what was held, on this thread. */
    public void releaseConfirmations() {
        locked(() -> {
            server.holdsConfirmations = false;
            server.producers.forEach(MemoryProducer::serverChanged);
        });
        server.tellResults();
    }

    /** Delivers nothing until {@link #releaseDeliveries}; memberships and positions work on. */
    public void holdDeliveries() {
        locked(() -> server.holdsDeliveries = true);
    }

    /** Delivers again. */
    public void releaseDeliveries() {
        locked(() -> {
            server.holdsDeliveries = false;
            server.signalChange();
        });
    }

    /** Refuses a topic to everybody until {@link #allowTopic}. */
    public void denyTopic(String topic) {
        locked(() -> server.denied.add(topic));
    }

    /** Takes back {@link #denyTopic}. */
    public void allowTopic(String topic) {
        locked(() -> {
            server.denied.remove(topic);
            server.signalChange();
        });
    }

    /** Drops the oldest messages of a partition, up to and including the position, as a retention would. */
    public void dropUpTo(TopicPartition partition, Position position) {
        locked(() -> server.log(partition).dropBelow(position.major() + 1));
    }

    /**
     * Every group goes back to the oldest messages and its members lose their partitions, as when somebody resets the
     * positions of groups: what is acknowledged comes again.
     */
    public void rewindGroups() {
        locked(() -> {
            server.groups.values().forEach(MemoryGroup::rewind);
            server.signalChange();
        });
    }

    private void locked(Runnable action) {
        locked(() -> {
            action.run();
            return true;
        });
    }

    private <T extends @Nullable Object> T locked(Supplier<T> action) {
        server.lock.lock();
        try {
            return action.get();
        } finally {
            server.lock.unlock();
        }
    }

    /** What a server may differ in. */
    public static final class Builder {

        private InstantSource clock = InstantSource.system();
        private MemoryTime time = MemoryTime.REAL;
        private Runnable onChange = () -> {};
        private Duration sessionTimeout = Duration.ofSeconds(30);
        private int maxMessageBytes = 1024 * 1024;

        private Builder() {}

        /** Says when messages were sent; default: the system's clock. */
        public Builder clock(InstantSource clock) {
            this.clock = clock;
            return this;
        }

        /**
         * After so long without a poll a consumer loses its partitions, in real time; default: 30 s. It happens when
         * another member of the group polls.
         */
        public Builder sessionTimeout(Duration sessionTimeout) {
            if (sessionTimeout.isNegative() || sessionTimeout.isZero()) {
                throw new IllegalArgumentException("a session lasts some time, not " + sessionTimeout);
            }
            this.sessionTimeout = sessionTimeout;
            return this;
        }

        /** The largest message, attributes included, that is taken; default: 1 MiB. */
        public Builder maxMessageBytes(int maxMessageBytes) {
            if (maxMessageBytes < 1) {
                throw new IllegalArgumentException("maxMessageBytes is positive, not " + maxMessageBytes);
            }
            this.maxMessageBytes = maxMessageBytes;
            return this;
        }

        /**
         * Takes a virtual time, for simulation: nothing waits for anything then, and who would have waited is told.
         *
         * @param nanoTime monotonic
         * @param pause lets so much time pass
         * @param onChange called when there may be something to poll
         */
        public Builder virtualTime(LongSupplier nanoTime, LongConsumer pause, Runnable onChange) {
            this.time = new MemoryTime() {
                @Override
                public long nanoTime() {
                    return nanoTime.getAsLong();
                }

                @Override
                public void await(Condition changed, long nanos) {
                    pause.accept(nanos);
                }
            };
            this.onChange = onChange;
            return this;
        }

        /** The server. */
        public InMemoryBroker build() {
            return new InMemoryBroker(this);
        }
    }
}
