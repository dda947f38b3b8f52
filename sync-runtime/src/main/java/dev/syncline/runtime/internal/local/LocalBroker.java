package dev.syncline.runtime.internal.local;

import dev.syncline.api.BrokerException;
import dev.syncline.runtime.Durability;
import dev.syncline.runtime.internal.envelope.LogText;
import dev.syncline.runtime.internal.keys.Shards;
import dev.syncline.runtime.internal.outbox.Outbox;
import dev.syncline.spi.AssignmentListener;
import dev.syncline.spi.Broker;
import dev.syncline.spi.BrokerConsumer;
import dev.syncline.spi.BrokerContext;
import dev.syncline.spi.BrokerProducer;
import dev.syncline.spi.Capabilities;
import dev.syncline.spi.Message;
import dev.syncline.spi.Subscription;
import dev.syncline.spi.TopicPartition;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The broker {@code local:}. It is the application's outbox, read in place: no second append, nothing installed, one
 * process. A topic is a filter over the entries that carry this broker's name, a partition a range of the 256 shards, a
 * group a file of positions.
 *
 * <p>Threading: any thread; it owns none. A consumer waits on its own thread until the outbox is appended to.
 *
 * <p>Owns the groups' positions. What a group has not acknowledged is needed: {@link #lowestNeeded} keeps retention from
 * it, also while nobody reads the group; one that nobody wants any more has to be forgotten.
 *
 * <p>A topic exists as soon as it is asked for, since it is nothing but a filter; {@code topics.create=false} makes it a
 * fault to name one that no option {@code topics.partitions.<topic>} names. Options: {@code topics.partitions} (8) for all topics,
 * {@code topics.partitions.<topic>} for one. When the number changes some messages come again, and none is skipped.
 *
 * <p>When it fails: a second consumer of a group is refused while the first is open; a second process is refused where
 * the outbox is opened, by the lock of its directory; a position that the outbox has no entries for any more is refused
 * in {@code poll}, and nothing is skipped (S18).
 */
public final class LocalBroker implements Broker {

    /** Where a limit counts characters the outbox counts bytes of UTF-8: at most three for one. */
    private static final int BYTES_PER_CHARACTER = 3;

    private static final int OVERHEAD_BYTES = 1024;

    private final String name;
    private final LocalOptions options;
    private final LocalStore store;
    private final Capabilities capabilities;
    private final Collection<AutoCloseable> open = new HashSet<>();
    private boolean isClosed;

    /**
     * A broker over groups that others may use too, under other options.
     *
     * @throws dev.syncline.api.ConfigurationException naming every option that is unknown or unusable
     */
    public LocalBroker(BrokerContext context, LocalStore store) {
        this.name = context.name();
        this.options = LocalOptions.of(context);
        this.store = store;
        var outbox = store.outbox();
        this.capabilities = new Capabilities(
                false,
                outbox.durability() == Durability.DISK,
                (outbox.maxDocumentBytes() - OVERHEAD_BYTES) / BYTES_PER_CHARACTER);
    }

    /**
     * Opens the broker over an outbox. To be called before anything is appended to it.
     *
     * @param dataDirectory where the groups' positions are kept, in a directory {@code local}
     * @throws dev.syncline.api.ConfigurationException naming every option that is unknown or unusable
     * @throws dev.syncline.api.OutboxException if the positions cannot be read
     */
    public static LocalBroker open(BrokerContext context, Outbox outbox, Path dataDirectory) {
        checkOptions(context);
        return new LocalBroker(context, LocalStore.open(context.name(), outbox, dataDirectory));
    }

    /**
     * Checks address and options, touching nothing.
     *
     * @throws dev.syncline.api.ConfigurationException naming every option that is unknown or unusable
     */
    public static void checkOptions(BrokerContext context) {
        LocalOptions.of(context);
    }

    /** Lowest outbox index that a group still needs; {@code Long.MAX_VALUE} if none needs any. Cheap. */
    public long lowestNeeded() {
        return store.lowestNeeded();
    }

    /** Every group that has positions, read now or not. */
    public Set<String> groups() {
        return store.groups();
    }

    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public void check(Set<String> publish, Set<String> subscribe, String group, Duration atMost) {
        var topics = new TreeSet<>(publish);
        topics.addAll(subscribe);
        checkTopics(topics);
        if (!group.isEmpty()) {
            store.path(group);
        }
    }

    @Override
    public BrokerProducer producer() {
        return opened(new LocalProducer(this));
    }

    @Override
    public BrokerConsumer consumer(Subscription subscription, AssignmentListener listener) {
        return opened(new LocalConsumer(this, store, subscription, listener, System::nanoTime));
    }

    @Override
    public void forgetGroup(String group, Duration atMost) {
        store.forget(group);
    }

    @Override
    public void close() {
        List<AutoCloseable> left;
        synchronized (open) {
            isClosed = true;
            left = new ArrayList<>(open);
            open.clear();
        }
        for (var one : left) {
            if (one instanceof LocalConsumer consumer) {
                consumer.abandon();
            } else if (one instanceof LocalProducer producer) {
                producer.close();
            }
        }
    }

    void closed(AutoCloseable one) {
        synchronized (open) {
            open.remove(one);
        }
    }

    private <T extends AutoCloseable> T opened(T one) {
        synchronized (open) {
            if (isClosed) {
                throw new IllegalStateException("the local broker \"" + name + "\" is closed");
            }
            open.add(one);
        }
        return one;
    }

    String name() {
        return name;
    }

    Outbox outbox() {
        return store.outbox();
    }

    int partitionsOf(String topic) {
        return options.partitionsOf(topic);
    }

    /** Where a message of a topic that exists goes. */
    TopicPartition partition(Message message) {
        return new TopicPartition(message.topic(), partition(Shards.of(message), partitionsOf(message.topic())));
    }

    /** The partition's number, 0 if the topic does not exist. */
    int partitionOrFirst(Message message) {
        int partitions = partitionsOf(message.topic());
        return partitions == 0 ? 0 : partition(Shards.of(message), partitions);
    }

    /** The partition that a shard is part of. */
    static int partition(int shard, int partitions) {
        return shard * partitions / Shards.COUNT;
    }

    /** @throws BrokerException refused, naming every topic that does not exist or cannot */
    void checkTopics(Set<String> topics) {
        var missing = new TreeSet<String>();
        for (var topic : topics) {
            if (topic.getBytes(StandardCharsets.UTF_8).length > GroupSlot.MAX_TOPIC_BYTES) {
                throw BrokerException.refused(
                        "topic " + LogText.of(topic) + " is longer than " + GroupSlot.MAX_TOPIC_BYTES
                                + " bytes, the most that local: takes",
                        null);
            }
            if (partitionsOf(topic) == 0) {
                missing.add(topic);
            }
        }
        if (!missing.isEmpty()) {
            throw missing(missing);
        }
    }

    BrokerException missing(Set<String> topics) {
        var names = new ArrayList<String>();
        topics.forEach(topic -> names.add(LogText.of(topic)));
        return BrokerException.refused(
                "local broker \"" + name + "\" has no topic " + String.join(", ", names) + "; name it with option "
                        + LocalOptions.PARTITIONS_OF + "<topic>, or leave out " + LocalOptions.CREATE_TOPICS + "=false",
                null);
    }
}
