package dev.syncline.broker.kafka;

import dev.syncline.spi.AssignmentListener;
import dev.syncline.spi.Broker;
import dev.syncline.spi.BrokerConsumer;
import dev.syncline.spi.BrokerProducer;
import dev.syncline.spi.Capabilities;
import dev.syncline.spi.Subscription;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DeleteConsumerGroupsOptions;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.jspecify.annotations.Nullable;

/** One Kafka cluster: makes producers and consumers, and owns the admin client that they share. */
final class KafkaBroker implements Broker {

    /** Kafka's defaults; the largest request is also the largest message. */
    private static final long MAX_REQUEST = 1024 * 1024;

    private static final long BUFFER = 32 * 1024 * 1024;

    /** What a record needs besides what {@code Message.size()} counts, and text that is not ASCII. */
    private static final long RECORD_OVERHEAD = 16 * 1024;

    private final KafkaSettings settings;
    private final KafkaClients clients;
    private final KafkaFailures failures;
    private final ProtocolChoice protocols;
    private final Set<AutoCloseable> open = ConcurrentHashMap.newKeySet();
    private @Nullable Admin admin;
    private boolean closed;

    KafkaBroker(KafkaSettings settings) {
        this.settings = settings;
        this.clients = new KafkaClients(settings);
        this.failures = new KafkaFailures(settings);
        this.protocols = new ProtocolChoice(settings, this::admin, failures);
    }

    @Override
    public Capabilities capabilities() {
        long largest = settings.number("max.request.size", MAX_REQUEST) - RECORD_OVERHEAD;
        return new Capabilities(settings.pinned().isEmpty(), true, (int) Math.max(0, largest));
    }

    @Override
    public void check(Set<String> publish, Set<String> subscribe, String group, Duration atMost) {
        new BrokerCheck(admin(), settings, failures, atMost).run(publish, subscribe, group);
    }

    @Override
    public BrokerProducer producer() {
        var producer = new KafkaBrokerProducer(
                clients::producer,
                this::admin,
                failures,
                settings.createTopics(),
                settings.number("buffer.memory", BUFFER),
                open::remove);
        return registered(producer);
    }

    @Override
    public BrokerConsumer consumer(Subscription subscription, AssignmentListener listener) {
        var watch = new TopicWatch(this::admin, subscription.topics(), failures, settings.createTopics());
        var ends = new EndOffsets(this::admin, settings.isolation());
        var consumer = new KafkaBrokerConsumer(
                subscription, listener, settings, clients, protocols, watch, ends, failures, open::remove);
        return registered(consumer);
    }

    /** Either {@link #close} finds it, or there is none. */
    private synchronized <T extends AutoCloseable> T registered(T client) {
        ensureOpen();
        open.add(client);
        return client;
    }

    @Override
    public void forgetGroup(String group, Duration atMost) {
        var options = new DeleteConsumerGroupsOptions().timeoutMs((int) Math.max(1, atMost.toMillis()));
        try {
            admin().deleteConsumerGroups(List.of(group), options).all().get(atMost.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            throw failures.away("tried to forget group \"" + group + "\"", late);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw failures.away("interrupted", interrupted);
        } catch (ExecutionException failed) {
            if (!(KafkaFailures.unwrap(failed) instanceof GroupIdNotFoundException)) {
                throw failures.of(failed, "forget group \"" + group + "\"");
            }
        }
    }

    /** Made when it is first needed: opening a broker reaches for nothing. */
    private synchronized Admin admin() {
        ensureOpen();
        if (admin == null) {
            try {
                admin = clients.admin();
            } catch (KafkaException unmade) {
                throw failures.unmade(unmade);
            }
        }
        return admin;
    }

    private synchronized void ensureOpen() {
        if (closed) {
            throw new IllegalStateException("the broker kafka://" + settings.address() + " is closed");
        }
    }

    @Override
    public void close() {
        Admin last;
        synchronized (this) {
            closed = true;
            last = admin;
            admin = null;
        }
        try {
            closeAll(new ArrayDeque<>(open));
        } finally {
            if (last != null) {
                last.close(Duration.ZERO);
            }
        }
    }

    /** All of them, whatever a listener of one throws. */
    private static void closeAll(Deque<AutoCloseable> clients) {
        var client = clients.poll();
        if (client == null) {
            return;
        }
        try {
            if (client instanceof BrokerProducer producer) {
                producer.close();
            } else if (client instanceof BrokerConsumer consumer) {
                consumer.close();
            }
        } finally {
            closeAll(clients);
        }
    }

    /** As people know it. */
    @Override
    public String toString() {
        return "kafka://" + settings.address();
    }
}
