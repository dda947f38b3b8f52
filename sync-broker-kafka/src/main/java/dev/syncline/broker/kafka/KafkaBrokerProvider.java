package dev.syncline.broker.kafka;

import dev.syncline.spi.Broker;
import dev.syncline.spi.BrokerContext;
import dev.syncline.spi.BrokerProvider;
import java.util.Set;

/**
 * Opens Kafka: {@code kafka://host:9092,host:9092?option=value}. A host without port means port 9092.
 *
 * <p><b>Options.</b> Everything that Kafka's own clients can be told, by Kafka's own names ({@code security.protocol},
 * {@code sasl.jaas.config}, {@code compression.type}, {@code max.poll.interval.ms}, …), passes through to those clients
 * that know it. A {@link dev.syncline.api.Secret} is revealed only when the client is made. Options that would break a
 * promise, such as {@code enable.auto.commit}, are refused with the reason. Those that mean something else or more than
 * in Kafka:
 *
 * <table>
 * <caption>Options of this adapter</caption>
 * <tr><th>Option</th><th>Default</th><th>Meaning</th></tr>
 * <tr><td>{@code topics.create}</td><td>{@code false}</td><td>Missing topics are made when the application
 *     starts.</td></tr>
 * <tr><td>{@code topics.partitions}, {@code topics.replication}</td><td>the broker's</td><td>What they are made
 *     with.</td></tr>
 * <tr><td>{@code partitions.pinned}</td><td>none</td><td>Partitions to read of every topic, such as {@code 0,2-4},
 *     instead of those that the group would give. They are read by a member of the group all the same: a second
 *     process that pins one of them gets nothing, and {@code poll} names the member that has it, until that one is
 *     gone. All members of such a group must pin.</td></tr>
 * <tr><td>{@code group.protocol}</td><td>{@code auto}</td><td>{@code consumer} (KIP-848), {@code classic} with the
 *     cooperative-sticky assignor, or {@code auto}: the first where the broker has it, unless an option is set that
 *     only one of the two knows, or {@code group.instance.id}: then the second.</td></tr>
 * <tr><td>{@code group.instance.id}</td><td>none</td><td>Static membership: one name per process, the same after a
 *     restart. A process that was killed and is started again gets its partitions back at once, instead of when the
 *     session of the dead one has ended; under {@code group.protocol=consumer} it has to wait for that.</td></tr>
 * <tr><td>{@code client.id}</td><td>name of the application</td><td>Beginning of the client ids; the adapter appends
 *     what makes them unique.</td></tr>
 * </table>
 *
 * <p>A user and password in the URI stand for {@code sasl.jaas.config}; they need {@code sasl.mechanism} {@code PLAIN}
 * or {@code SCRAM-…} and a {@code security.protocol} with SASL.
 *
 * <p><b>Reading.</b> A consumer that is not polled for {@code max.poll.interval.ms} (5 minutes) loses its partitions;
 * one that is closed gives them up at once, unless it is a static member; those of a process that died are another's
 * after the session timeout: 15 s by the classic protocol ({@code session.timeout.ms}), under KIP-848 a setting of the
 * broker ({@code group.consumer.session.timeout.ms}, 45 s). {@code poll} says that the broker is away after 10 s without
 * any answer, 20 s while nothing is being fetched; {@code lag} knows nothing any more after 4 s. Only committed
 * transactions are read ({@code isolation.level}).
 *
 * <p><b>Writing.</b> Idempotent, {@code acks=all}, no time limit: a message that is handed over is sent until the broker
 * answers or the producer is closed. The first message to a partition goes alone, then more and more of them at once.
 * The partition is {@code murmur2(key) % partitions}, as Kafka's own default; messages without a key take turns. The
 * record's timestamp is the time of sending, not the event's {@code time}: brokers delete by it, and refuse what is too
 * far ahead.
 *
 * <p><b>Logs.</b> Kafka's clients print their configuration at INFO whenever one is made, and a warning about every
 * second while a broker is away. The adapter says both in a line, so these are best quietened: {@code
 * org.apache.kafka.clients.consumer.ConsumerConfig}, {@code …producer.ProducerConfig}, {@code …admin.AdminClientConfig}
 * and {@code org.apache.kafka.common} to WARN, {@code org.apache.kafka.clients.NetworkClient} to ERROR.
 */
public final class KafkaBrokerProvider implements BrokerProvider {

    /** For {@link java.util.ServiceLoader}. */
    public KafkaBrokerProvider() {}

    @Override
    public Set<String> schemes() {
        return Set.of("kafka");
    }

    @Override
    public Broker open(BrokerContext context) {
        return new KafkaBroker(KafkaOptions.read(context));
    }
}
