package dev.syncline.broker.kafka;

import dev.syncline.broker.kafka.KafkaSettings.Protocol;
import dev.syncline.spi.Subscription;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Makes Kafka's clients with the settings that our promises need. Thread-safe.
 *
 * <p>Every client gets a name of its own: two of one name in a JVM fight over their entries in JMX and warn of it.
 */
final class KafkaClients {

    /** A broker that is away is asked at least so often. Kafka's own default warns of each attempt, once a second. */
    private static final int RECONNECT_MILLIS = 2_000;

    /** What a dead process owned waits for so long. Kafka's own default of 45 s is more than an outage need take. */
    private static final int SESSION_MILLIS = 15_000;

    /** What a log is given up after, and asked again. Who waits for it waits less. */
    private static final int LOG_PATIENCE_MILLIS = 10_000;

    private static final int LOG_REQUEST_MILLIS = 5_000;

    /** A writer that died in a transaction hides what comes behind it for so long, unless another one takes the log. */
    private static final int LOG_TRANSACTION_MILLIS = 30_000;

    private static final int LOG_FETCH_MILLIS = 100;

    /** The topic says what is too large, not we. */
    static final int LARGEST_LOG_REQUEST = 32 << 20;

    private final KafkaSettings settings;
    private final String instance = UUID.randomUUID().toString().substring(0, 4);
    private final AtomicInteger made = new AtomicInteger();

    KafkaClients(KafkaSettings settings) {
        this.settings = settings;
    }

    /** @throws KafkaException if no host can be resolved, or a file with keys cannot be read */
    Admin admin() {
        var properties = common(AdminClientConfig.configNames(), "admin");
        return Admin.create(properties);
    }

    /** @throws KafkaException as {@link #admin} */
    Producer<byte[], byte[]> producer() {
        var properties = common(ProducerConfig.configNames(), "producer");
        properties.put("acks", "all");
        properties.put("enable.idempotence", true);
        // an event that gives up waiting would be overtaken by the next one of its key
        properties.put("delivery.timeout.ms", Integer.MAX_VALUE);
        // the default forgets the topics of a broker that is away: then send() waits for them on its caller's thread
        properties.put("metadata.recovery.strategy", "none");
        properties.put("max.block.ms", 0);
        // the relay hands over whole batches: waiting for more only delays the single event
        properties.putIfAbsent("linger.ms", "0");
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** @throws KafkaException as {@link #admin} */
    Consumer<byte[], byte[]> consumer(Subscription subscription, Protocol protocol, @Nullable Pins pins) {
        var properties = common(ConsumerConfig.configNames(), "consumer-" + subscription.member());
        properties.put("group.id", subscription.group());
        properties.put("enable.auto.commit", false);
        properties.put("auto.offset.reset", "none");
        properties.put("allow.auto.create.topics", false);
        properties.put("max.poll.records", subscription.maxPoll());
        properties.putIfAbsent("isolation.level", "read_committed");
        if (protocol == Protocol.CONSUMER) {
            properties.put("group.protocol", "consumer");
        } else {
            properties.put("group.protocol", "classic");
            properties.putIfAbsent("session.timeout.ms", SESSION_MILLIS);
            if (pins == null) {
                properties.put("partition.assignment.strategy", CooperativeStickyAssignor.class.getName());
            } else {
                properties.put("partition.assignment.strategy", List.of(Pins.Assignor.class));
                properties.put(Pins.CONFIG, pins);
            }
        }
        return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /**
     * One that writes a log: its writer before it is refused from when this one's transactions are initialised.
     *
     * @throws KafkaException as {@link #admin}
     */
    Producer<byte[], byte[]> logProducer(String transactionalId) {
        var properties = common(ProducerConfig.configNames(), "log-producer");
        properties.put("acks", "all");
        properties.put("enable.idempotence", true);
        properties.put("transactional.id", transactionalId);
        properties.put("transaction.timeout.ms", LOG_TRANSACTION_MILLIS);
        properties.put("max.block.ms", LOG_PATIENCE_MILLIS);
        properties.put("delivery.timeout.ms", LOG_PATIENCE_MILLIS);
        properties.put("request.timeout.ms", LOG_REQUEST_MILLIS);
        properties.put("linger.ms", "0");
        properties.putIfAbsent("max.request.size", LARGEST_LOG_REQUEST);
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /**
     * One that reads a log, as it is told to, under no group.
     *
     * @throws KafkaException as {@link #admin}
     */
    Consumer<byte[], byte[]> logConsumer(int most) {
        var properties = common(ConsumerConfig.configNames(), "log-consumer");
        properties.remove("group.instance.id");
        properties.put("enable.auto.commit", false);
        properties.put("auto.offset.reset", "none");
        properties.put("allow.auto.create.topics", false);
        properties.put("isolation.level", "read_committed");
        properties.put("max.poll.records", most);
        properties.put("default.api.timeout.ms", LOG_PATIENCE_MILLIS);
        properties.put("request.timeout.ms", LOG_REQUEST_MILLIS);
        properties.putIfAbsent("fetch.max.wait.ms", LOG_FETCH_MILLIS);
        return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private Map<String, Object> common(Set<String> names, String role) {
        var properties = settings.known(names);
        properties.put("bootstrap.servers", settings.address());
        properties.put("client.id", settings.clientId() + "-" + role + "-" + instance + made.incrementAndGet());
        properties.putIfAbsent("reconnect.backoff.max.ms", RECONNECT_MILLIS);
        return properties;
    }
}
