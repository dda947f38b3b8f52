package dev.syncline.broker.kafka;

import dev.syncline.api.ConfigurationException;
import dev.syncline.spi.BrokerAddress;
import dev.syncline.spi.BrokerContext;
import dev.syncline.spi.LogProvider;
import dev.syncline.spi.LogStore;
import dev.syncline.spi.StateContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Keeps parked events in topics of Kafka: {@code kafka://host:9092,host:9092/shop.parked?option=value}.
 *
 * <p><b>Topics.</b> Each handler has a topic of its own, named by the path, a dot and the handler's id, such as {@code
 * shop.parked.orders}; for a broker of the application that is not called {@code default} its name follows behind another
 * dot. Without a path the names begin with {@code <application>.parked}. Partition 0 is used. Such a topic must keep what it
 * is given: {@code cleanup.policy=delete}, {@code retention.ms=-1}, {@code retention.bytes=-1}; anything else is refused at
 * start. What is not needed any more is deleted by us. Parked events are as durable as {@code acks=all} makes them: give
 * the topic several replicas, and {@code min.insync.replicas} above 1.
 *
 * <p><b>Options</b> are those of {@link KafkaBrokerProvider}, except those about groups and partitions. With
 * {@code topics.create=true} missing topics are made, with these settings and {@code topics.replication} replicas.
 *
 * <p><b>Writing.</b> Each batch is a transaction, under the transactional id {@code syncline.parked.<topic>}: whoever takes
 * the topic has Kafka refuse the one before. Nobody else may write to it. An entry is as large as {@code max.message.bytes}
 * of the topic allows.
 *
 * <p>A user needs READ, WRITE, DELETE, DESCRIBE and DESCRIBE_CONFIGS for the topics, and WRITE and DESCRIBE for the
 * transactional ids {@code syncline.parked.*}.
 */
public final class KafkaLogProvider implements LogProvider {

    private static final Set<String> NOT_FOR_LOGS =
            Set.of("partitions.pinned", "topics.partitions", "group.protocol", "group.instance.id", "isolation.level");

    /** What a handler's id and a broker's name may add stays within Kafka's 249. */
    private static final String TOPIC = "[A-Za-z0-9._-]{1,120}";

    /** For {@link java.util.ServiceLoader}. */
    public KafkaLogProvider() {}

    @Override
    public Set<String> schemes() {
        return Set.of("kafka");
    }

    @Override
    public LogStore openLogs(StateContext context) {
        var problems = new ArrayList<String>();
        var address = context.address();
        var prefix = address.path().isEmpty() ? context.application() + ".parked" : address.path();
        if (!prefix.matches(TOPIC)) {
            problems.add("\"" + prefix
                    + "\" cannot begin the name of a topic: write parkOn(\"kafka://host:9092/shop.parked\"),"
                    + " with at most 120 letters, digits, dots, - and _");
        }
        for (var option : new TreeSet<>(context.options().keySet())) {
            if (NOT_FOR_LOGS.contains(option)) {
                problems.add("option \"" + option + "\" means nothing for parked events; drop it");
            }
        }
        var settings = settings(context, problems);
        if (settings.isEmpty() || !problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return new KafkaLogStore(settings.get(0).withOnePartition(), prefix, context.clock());
    }

    /** One, or none and problems more. */
    private static List<KafkaSettings> settings(StateContext context, List<String> problems) {
        var address = context.address();
        var hosts = new BrokerAddress(
                address.scheme(), address.user(), address.password(), address.hosts(), "", address.parameters());
        try {
            return List.of(KafkaOptions.read(
                    new BrokerContext(context.application(), "parked", hosts, context.options(), context.clock())));
        } catch (ConfigurationException faults) {
            problems.addAll(faults.problems());
            return List.of();
        }
    }
}
