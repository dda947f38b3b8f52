package dev.syncline.broker.kafka;

import static java.util.Map.entry;

import dev.syncline.api.ConfigurationException;
import dev.syncline.api.Secret;
import dev.syncline.broker.kafka.KafkaSettings.Protocol;
import dev.syncline.spi.BrokerAddress;
import dev.syncline.spi.BrokerContext;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.jspecify.annotations.Nullable;

/** Reads the options of a broker and collects everything that is wrong with them. Reaches for nothing. */
final class KafkaOptions {

    private static final String CREATE = "topics.create";
    private static final String PARTITIONS = "topics.partitions";
    private static final String REPLICATION = "topics.replication";
    private static final String PINNED = "partitions.pinned";
    private static final Set<String> OWN = Set.of(CREATE, PARTITIONS, REPLICATION, PINNED);

    private static final String PROTOCOL = "group.protocol";
    private static final String STATIC = "group.instance.id";

    /** Not ours, but read here and shown. */
    private static final Set<String> SHOWN = Set.of(PROTOCOL, "client.id");

    private static final String DEFAULT_PORT = "9092";
    private static final Pattern RANGE = Pattern.compile("(\\d{1,6})(?:-(\\d{1,6}))?");
    private static final Set<String> PASSWORD_MECHANISMS = Set.of("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512");

    /** Options that only one way of running groups knows: giving one chooses it. */
    private static final Set<String> CLASSIC_ONLY =
            Set.of("partition.assignment.strategy", "session.timeout.ms", "heartbeat.interval.ms");

    private static final Set<String> CONSUMER_ONLY = Set.of("group.remote.assignor");

    private static final String POSITIONS =
            "the position of a group moves when its events are settled, never by itself";
    private static final String BYTES = "the adapter hands over bytes as they are";
    private static final String PARTITIONING = "the partition follows from the key, for every producer alike";
    private static final String PATIENCE = "a message is sent until the broker answers; a time limit would let later "
            + "messages of its key overtake it";
    private static final String TRANSACTIONS =
            "transactions of Kafka do not reach beyond Kafka, and none is begun here";

    /** What may not be set at all, and why. */
    private static final Map<String, String> REFUSED = Map.ofEntries(
            entry("bootstrap.servers", "the hosts come from the URI"),
            entry("group.id", "the group is <application>.<handler>"),
            entry("enable.auto.commit", POSITIONS),
            entry("auto.commit.interval.ms", POSITIONS),
            entry(
                    "auto.offset.reset",
                    "a position that is gone stops the handler instead of skipping events; where a "
                            + "new group begins is a setting of the handler"),
            entry("max.poll.records", "the runtime says how many it takes"),
            entry("allow.auto.create.topics", "missing topics are made only with " + CREATE + "=true"),
            entry("exclude.internal.topics", "topics are named, not matched"),
            entry("key.serializer", BYTES),
            entry("value.serializer", BYTES),
            entry("key.deserializer", BYTES),
            entry("value.deserializer", BYTES),
            entry("interceptor.classes", "interceptors could change or drop events"),
            entry("partitioner.class", PARTITIONING),
            entry("partitioner.ignore.keys", PARTITIONING),
            entry("partitioner.adaptive.partitioning.enable", PARTITIONING),
            entry("partitioner.availability.timeout.ms", PARTITIONING),
            entry("partitioner.rack.aware", PARTITIONING),
            entry("delivery.timeout.ms", PATIENCE),
            entry("retries", PATIENCE),
            entry("max.block.ms", "handing over never blocks"),
            entry("transactional.id", TRANSACTIONS),
            entry("transaction.timeout.ms", TRANSACTIONS),
            entry("transaction.two.phase.commit.enable", TRANSACTIONS),
            entry("share.acknowledgement.mode", "share groups keep no order"),
            entry("share.acquire.mode", "share groups keep no order"),
            entry("bootstrap.controllers", "events live on brokers"),
            entry("internal.throw.on.fetch.stable.offset.unsupported", "it is internal to Kafka"));

    private final BrokerContext context;
    private final List<String> problems = new ArrayList<>();

    private KafkaOptions(BrokerContext context) {
        this.context = context;
    }

    /**
     * Reads them.
     *
     * @throws ConfigurationException with every problem there is
     */
    static KafkaSettings read(BrokerContext context) {
        return new KafkaOptions(context).read();
    }

    private KafkaSettings read() {
        var client = new HashMap<String, Object>();
        new TreeSet<>(context.options().keySet()).forEach(name -> {
            var value = context.options().get(name);
            if (value instanceof String || value instanceof Secret) {
                look(name, value, client);
            } else {
                problem(name, "is neither text nor Secret");
            }
        });
        var address = hosts(context.address());
        signIn(context.address(), client);
        var settings = new KafkaSettings(
                address,
                text(client.getOrDefault("client.id", context.application())) + "-" + context.name(),
                client,
                flag(CREATE),
                number(PARTITIONS, 100_000),
                narrow(number(REPLICATION, Short.MAX_VALUE)),
                pinned(),
                protocol(client));
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return settings;
    }

    private void look(String name, Object value, Map<String, Object> client) {
        if (value instanceof Secret && (OWN.contains(name) || SHOWN.contains(name))) {
            problem(name, "is shown in logs; write it as text");
            return;
        }
        if (OWN.contains(name)) {
            return;
        }
        var reason = REFUSED.get(name);
        if (reason == null) {
            reason = refusedValue(name, text(value).trim());
        }
        if (reason != null) {
            problem(name, "cannot be set: " + reason);
        } else if (isKnown(name)) {
            value(name, value);
            client.put(name, isPassword(name) && value instanceof String text ? Secret.of(text) : value);
        } else {
            problem(name, "is known neither to this adapter nor to Kafka's clients" + nearest(name));
        }
    }

    /** Why the option may be set, but not to this; null if it may. */
    private static @Nullable String refusedValue(String name, String value) {
        return switch (name) {
            case "acks" ->
                value.equals("all") || value.equals("-1")
                        ? null
                        : "what is confirmed must be on all in-sync replicas; only acks=all keeps that";
            case "enable.idempotence" ->
                Boolean.parseBoolean(value) ? null : "without it a retry can put messages in another order";
            case "max.in.flight.requests.per.connection" ->
                value.matches("[1-5]") ? null : "order is kept with 1 to 5 requests under way";
            case "metadata.recovery.strategy" ->
                value.equalsIgnoreCase("none")
                        ? null
                        : "a producer that forgets its topics would block its caller while a broker is away";
            case "check.crcs" -> Boolean.parseBoolean(value) ? null : "damaged events would go unnoticed";
            case "ssl.endpoint.identification.algorithm" ->
                value.isEmpty()
                        ? "any host could pose as the broker; put the host's name into the certificate instead"
                        : null;
            case "partition.assignment.strategy" ->
                isCooperative(value)
                        ? null
                        : "only " + CooperativeStickyAssignor.class.getName()
                                + " lets the partitions that stay be read on while others move";
            default -> null;
        };
    }

    private static boolean isCooperative(String value) {
        return value.equals(CooperativeStickyAssignor.class.getName());
    }

    private static boolean isKnown(String name) {
        return definitions().stream().anyMatch(definition -> definition.names().contains(name));
    }

    private static boolean isPassword(String name) {
        return definitions().stream()
                .map(definition -> definition.configKeys().get(name))
                .anyMatch(key -> key != null && key.type == ConfigDef.Type.PASSWORD);
    }

    private static List<ConfigDef> definitions() {
        return List.of(ProducerConfig.configDef(), ConsumerConfig.configDef(), AdminClientConfig.configDef());
    }

    /** Asks Kafka whether it could use the value; {@code group.protocol=auto} is ours. */
    private void value(String name, Object value) {
        if (name.equals(PROTOCOL)) {
            return;
        }
        for (var definition : definitions()) {
            if (!definition.names().contains(name)) {
                continue;
            }
            var result = definition.validateAll(Map.of(name, text(value))).get(name);
            if (result != null && !result.errorMessages().isEmpty()) {
                problem(
                        name,
                        value instanceof Secret
                                ? "has a secret value that Kafka cannot use"
                                : "is refused by Kafka: "
                                        + result.errorMessages().get(0));
                return;
            }
        }
    }

    private static String nearest(String name) {
        var names = new TreeSet<>(OWN);
        definitions().forEach(definition -> names.addAll(definition.names()));
        names.removeAll(REFUSED.keySet());
        var near = NearestName.to(name, names);
        return near.isEmpty() ? "" : "; did you mean \"" + String.join("\" or \"", near) + "\"?";
    }

    private String hosts(BrokerAddress address) {
        if (!address.path().isEmpty()) {
            problems.add("the path \"" + address.path() + "\" of " + address + " means nothing to Kafka; drop it");
        }
        var hosts = new ArrayList<String>();
        for (var host : address.hosts().split(",", -1)) {
            var trimmed = host.trim();
            var complete = hasPort(trimmed) ? trimmed : trimmed + ":" + DEFAULT_PORT;
            if (trimmed.isEmpty() || !complete.matches("(\\[[0-9A-Fa-f:.%]+]|[^\\[\\]:/\\s]+):\\d{1,5}")) {
                problems.add("\"" + trimmed + "\" is no host; write kafka://host:9092,host:9092");
            }
            hosts.add(complete);
        }
        return String.join(",", hosts);
    }

    private static boolean hasPort(String host) {
        return host.startsWith("[") ? host.contains("]:") : host.indexOf(':') >= 0;
    }

    /** A user in the URI is short for the JAAS configuration, which is what Kafka understands. */
    private void signIn(BrokerAddress address, Map<String, Object> client) {
        var user = address.user();
        if (user == null) {
            return;
        }
        var mechanism = text(client.getOrDefault("sasl.mechanism", "")).toUpperCase(Locale.ROOT);
        var security = text(client.getOrDefault("security.protocol", "")).toUpperCase(Locale.ROOT);
        if (address.password() == null || client.containsKey("sasl.jaas.config")) {
            problems.add("the URI of " + address + " names a user: give its password there too, or leave both to "
                    + "sasl.jaas.config");
        } else if (!PASSWORD_MECHANISMS.contains(mechanism) || !security.startsWith("SASL_")) {
            problems.add("the URI of " + address + " names a user: say how it signs in, with sasl.mechanism one of "
                    + new TreeSet<>(PASSWORD_MECHANISMS) + " and security.protocol=SASL_SSL");
        } else {
            var module = mechanism.equals("PLAIN")
                    ? "org.apache.kafka.common.security.plain.PlainLoginModule"
                    : "org.apache.kafka.common.security.scram.ScramLoginModule";
            client.put(
                    "sasl.jaas.config",
                    Secret.of(module + " required username=" + quoted(user) + " password="
                            + quoted(address.password().reveal()) + ";"));
        }
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private Protocol protocol(Map<String, Object> client) {
        var given = text(client.getOrDefault(PROTOCOL, "auto")).trim().toLowerCase(Locale.ROOT);
        client.remove(PROTOCOL);
        var classic = given(CLASSIC_ONLY, client);
        var consumer = given(CONSUMER_ONLY, client);
        if (!classic.isEmpty() && !consumer.isEmpty()) {
            problems.add("options " + classic + " need group.protocol=classic, but " + consumer
                    + " need group.protocol=consumer; drop one of them");
        }
        if (own(PINNED) != null && (given.equals("consumer") || !consumer.isEmpty())) {
            problem(
                    PINNED,
                    "needs group.protocol=classic: else the broker chooses the partitions; drop "
                            + (consumer.isEmpty() ? PROTOCOL + "=consumer" : consumer));
        }
        return switch (given) {
            case "auto" -> chosenBy(classic, consumer, client.containsKey(STATIC));
            case "classic" -> {
                refuse(consumer, given, "drop them");
                yield Protocol.CLASSIC;
            }
            case "consumer" -> {
                refuse(classic, given, "the broker has these settings then; drop them");
                yield Protocol.CONSUMER;
            }
            default -> {
                problem(PROTOCOL, "is \"" + given + "\"; write auto, consumer or classic");
                yield Protocol.AUTO;
            }
        };
    }

    /**
     * A static member that was killed is succeeded at once by the classic protocol. Under KIP-848 its own successor is
     * refused until the session of the dead has ended, 45 s by default, which is what static membership is to avoid.
     */
    private static Protocol chosenBy(SortedSet<String> classic, SortedSet<String> consumer, boolean isStatic) {
        if (!consumer.isEmpty()) {
            return Protocol.CONSUMER;
        }
        return isStatic || !classic.isEmpty() ? Protocol.CLASSIC : Protocol.AUTO;
    }

    private void refuse(SortedSet<String> options, String protocol, String cure) {
        if (!options.isEmpty()) {
            problems.add("options " + options + " cannot be set with group.protocol=" + protocol + ": " + cure);
        }
    }

    private static SortedSet<String> given(Set<String> names, Map<String, Object> client) {
        var given = new TreeSet<>(names);
        given.retainAll(client.keySet());
        return given;
    }

    private boolean flag(String name) {
        var value = own(name);
        if (value != null && !value.equals("true") && !value.equals("false")) {
            problem(name, "is \"" + value + "\"; write true or false");
        }
        return "true".equals(value);
    }

    private @Nullable Integer number(String name, int most) {
        var value = own(name);
        if (value == null) {
            return null;
        }
        if (value.matches("\\d{1,9}")) {
            int number = Integer.parseInt(value);
            if (number >= 1 && number <= most) {
                if (!flag(CREATE)) {
                    problem(name, "has no effect without " + CREATE + "=true");
                }
                return number;
            }
        }
        problem(name, "is \"" + value + "\"; write a number from 1 to " + most);
        return null;
    }

    private static @Nullable Short narrow(@Nullable Integer number) {
        return number == null ? null : number.shortValue();
    }

    private SortedSet<Integer> pinned() {
        var pinned = new TreeSet<Integer>();
        var value = own(PINNED);
        if (value == null) {
            return pinned;
        }
        for (var part : value.split(",", -1)) {
            var range = RANGE.matcher(part.trim());
            if (!range.matches()) {
                problem(PINNED, "is \"" + value + "\"; write numbers and ranges, such as 0,2-4");
                return pinned;
            }
            int first = Integer.parseInt(range.group(1));
            int last = range.group(2) == null ? first : Integer.parseInt(range.group(2));
            if (last < first) {
                problem(PINNED, "is \"" + value + "\": " + part.trim() + " counts down");
            }
            for (int partition = first; partition <= last; partition++) {
                pinned.add(partition);
            }
        }
        return pinned;
    }

    private @Nullable String own(String name) {
        return context.options().get(name) instanceof String text ? text.trim() : null;
    }

    private void problem(String name, String what) {
        problems.add("option \"" + name + "\" of broker \"" + context.name() + "\" " + what);
    }

    private static String text(Object value) {
        return value instanceof Secret secret ? secret.reveal() : String.valueOf(value);
    }

    /** For tests: every option that may not be set at all. */
    static Collection<String> refused() {
        return REFUSED.keySet();
    }
}
