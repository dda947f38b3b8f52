package dev.syncline.broker.kafka;

import dev.syncline.spi.Broker;
import dev.syncline.spi.BrokerAddress;
import dev.syncline.spi.BrokerContext;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Defect.RawHeader;
import dev.syncline.spi.Position;
import dev.syncline.spi.TopicPartition;
import dev.syncline.testkit.conformance.BrokerFixture;
import dev.syncline.testkit.server.KafkaServer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Clients of one Kafka that asks who they are, shared by all tests of a class. */
final class KafkaFixture implements BrokerFixture {

    private static final Duration TAKEOVER = Duration.ofSeconds(4);
    private static final String USER = "app";
    private static final String OPERATOR = "operator";

    private final KafkaServer server;
    private final Map<String, String> options;
    private final List<Broker> clients = new ArrayList<>();

    KafkaFixture(KafkaServer server, Map<String, String> options) {
        this.server = server;
        this.options = Map.copyOf(options);
    }

    /**
     * A server that such fixtures can share. Its groups change quickly: a heartbeat is all that tells members of it, and
     * who could not say goodbye, because the broker was away just then, is not waited for as long as Kafka would, 45 s.
     */
    static KafkaServer startServer() {
        var server = KafkaServer.builder()
                .user(USER, password(USER))
                .user(OPERATOR, password(OPERATOR))
                .authorizer()
                .config("group.consumer.min.heartbeat.interval.ms", "200")
                .config("group.consumer.heartbeat.interval.ms", "200")
                .config("group.consumer.min.session.timeout.ms", "1000")
                .config("group.consumer.session.timeout.ms", "8000")
                .start();
        for (var type : List.of("TOPIC", "GROUP")) {
            server.allow(USER, "ALL", type, "*");
        }
        server.allow(OPERATOR, "ALL", "CLUSTER", "kafka-cluster");
        server.allow(OPERATOR, "ALL", "TOPIC", "*");
        return server;
    }

    @Override
    public Broker connect(Map<String, Object> more) {
        var all = new HashMap<String, Object>(server.clientConfig(USER));
        all.remove("bootstrap.servers");
        all.putAll(signIn(USER));
        all.put("max.poll.interval.ms", String.valueOf(TAKEOVER.toMillis()));
        // a consumer that is closed waits for the fetch under way, and who lost his broker waits between attempts
        all.put("fetch.max.wait.ms", "50");
        all.put("reconnect.backoff.max.ms", "300");
        all.putAll(options);
        all.putAll(more);
        var client = new KafkaBrokerProvider()
                .open(new BrokerContext(
                        "conformance",
                        "default",
                        BrokerAddress.parse("kafka://" + server.bootstrapServers()),
                        all,
                        InstantSource.system()));
        clients.add(client);
        return client;
    }

    @Override
    public void createTopic(String topic, int partitions) {
        server.createTopic(topic, partitions);
    }

    @Override
    public Duration takeover() {
        return TAKEOVER;
    }

    @Override
    public void killServer() {
        server.kill();
    }

    @Override
    public void restartServer() {
        server.restart();
    }

    @Override
    public void pauseServer() {
        server.pause();
    }

    @Override
    public void resumeServer() {
        server.resume();
    }

    @Override
    public void denyTopic(String topic) {
        var denied = new AclBinding(
                new ResourcePattern(ResourceType.TOPIC, topic, PatternType.LITERAL),
                new AccessControlEntry("User:" + USER, "*", AclOperation.ALL, AclPermissionType.DENY));
        try (var admin = Admin.create(operator())) {
            admin.createAcls(List.of(denied)).all().get();
            // confirmed when it is in the log of metadata, which the broker reads a moment later
            Awaitility.await()
                    .atMost(patience())
                    .until(() ->
                            admin.describeAcls(denied.toFilter()).values().get().contains(denied));
        } catch (ExecutionException | InterruptedException failed) {
            throw new AssertionError("cannot deny " + topic, failed);
        }
    }

    @Override
    public void dropUpTo(TopicPartition partition, Position position) {
        server.deleteRecords(partition.topic(), partition.partition(), position.major() + 1);
    }

    @Override
    public void store(TopicPartition partition, Bytes key, List<RawHeader> headers, @Nullable Bytes data) {
        var record = new ProducerRecord<byte[], byte[]>(
                partition.topic(),
                partition.partition(),
                key.length() == 0 ? null : key.toByteArray(),
                data == null ? null : data.toByteArray());
        headers.forEach(
                header -> record.headers().add(header.name(), header.value().toByteArray()));
        try (var producer = new KafkaProducer<>(operator(), new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(record).get();
        } catch (Exception failed) {
            throw new AssertionError("cannot store in " + partition, failed);
        }
    }

    private Map<String, Object> operator() {
        var config = new HashMap<String, Object>(server.clientConfig(OPERATOR));
        config.putAll(signIn(OPERATOR));
        return config;
    }

    /** By PLAIN: SCRAM computes for some 10 ms at each connection, and there are thousands. */
    private static Map<String, String> signIn(String user) {
        return Map.of(
                "sasl.mechanism",
                "PLAIN",
                "sasl.jaas.config",
                "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"" + user + "\" password=\""
                        + password(user) + "\";");
    }

    private static String password(String user) {
        return user + "-password";
    }

    @Override
    public void close() {
        if (server.isPaused()) {
            server.resume();
        }
        clients.forEach(Broker::close);
        if (!server.isRunning()) {
            server.restart();
        }
    }
}
