package dev.syncline.testkit.server;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One Kafka node (KRaft, broker and controller in one) in a JVM of its own, with what a test wants to do to it and to ask it.
 *
 * <p>It needs {@code org.apache.kafka:kafka_2.13} on the test class path. Topics are not created by themselves. A dead broker
 * is forgotten after one second instead of nine, so {@code kill(); restart();} takes about two.
 *
 * <p>The methods that create and ask go past the proxy, with all rights, and wait for their effect at most 30 s; a refusal by
 * the broker is a {@link ServerException}. They use kafka-clients, which the broker brings along; no type of it is needed to
 * call them.
 *
 * <p>Threading: see {@link ServerProcess}; these methods may be called by any number of threads.
 */
public final class KafkaServer extends ServerProcess {

    private static final int PROBE_MILLIS = 1_000;
    private static final short API_VERSIONS = 18;

    private final Map<String, String> settings;
    private final Map<String, String> users;
    private final boolean authorizer;
    private final boolean tls;
    private final List<Path> classPath;
    private final ClassDataArchive archive;
    private final String clusterId = newClusterId();
    private @Nullable TestCertificate certificate;
    private int port;
    private int fixturePort;
    private int controllerPort;
    private boolean archiving;

    private KafkaServer(Builder builder, List<Path> classPath) {
        super("Kafka", builder.proxied, builder.startTimeout);
        this.settings = Map.copyOf(builder.settings);
        this.users = new LinkedHashMap<>(builder.users);
        this.authorizer = builder.authorizer;
        this.tls = builder.tls;
        this.classPath = classPath;
        this.archive = ClassDataArchive.of("kafka", classPath, directory().resolve("classes.jsa"));
    }

    /** Starts one with default options. */
    public static KafkaServer start() {
        return builder().start();
    }

    /** Options first. */
    public static Builder builder() {
        return new Builder();
    }

    private static String newClusterId() {
        UUID random = UUID.randomUUID();
        ByteBuffer bytes = ByteBuffer.allocate(16);
        // The first character must not look like the beginning of an option.
        bytes.putLong(random.getMostSignificantBits() >>> 1).putLong(random.getLeastSignificantBits());
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
    }

    @Override
    void prepare() throws IOException {
        if (tls && certificate == null) {
            certificate = TestCertificate.create(directory());
        }
        port = Loopback.findPort();
        fixturePort = Loopback.findPort();
        controllerPort = Loopback.findPort();
    }

    @Override
    void prepared() throws IOException {
        Files.write(
                configuration(),
                properties().entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + entry.getValue().replace("\\", "\\\\"))
                        .toList());
    }

    private Path configuration() {
        return directory().resolve("server.properties");
    }

    /** Three listeners: one for clients, as the options say; a plain one for the fixture's own questions; the controller's. */
    private Map<String, String> properties() {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("process.roles", "broker,controller");
        properties.put("node.id", "1");
        properties.put("log.dirs", directory().resolve("data").toString());
        properties.put(
                "listeners",
                "CLIENT://127.0.0.1:" + port + ",FIXTURE://127.0.0.1:" + fixturePort + ",CONTROLLER://127.0.0.1:"
                        + controllerPort);
        properties.put("advertised.listeners", "CLIENT://127.0.0.1:" + port() + ",FIXTURE://127.0.0.1:" + fixturePort);
        properties.put(
                "listener.security.protocol.map",
                "CLIENT:" + clientProtocol() + ",FIXTURE:PLAINTEXT,CONTROLLER:PLAINTEXT");
        properties.put("inter.broker.listener.name", "FIXTURE");
        properties.put("controller.listener.names", "CONTROLLER");
        properties.put("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
        putSecurity(properties);
        for (String topic : List.of("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")) {
            properties.put(topic + ".replication.factor", "1");
            properties.put(topic + ".num.partitions", "1");
        }
        properties.put("transaction.state.log.min.isr", "1");
        properties.put("share.coordinator.state.topic.min.isr", "1");
        properties.put("group.initial.rebalance.delay.ms", "0");
        properties.put("num.network.threads", "2");
        properties.put("num.io.threads", "2");
        properties.put("log.cleaner.enable", "false");
        properties.put("auto.create.topics.enable", "false");
        // The controller holds a dead broker's registration that long, and lets it come back only then.
        properties.put("broker.session.timeout.ms", "1000");
        properties.put("broker.heartbeat.interval.ms", "200");
        properties.putAll(settings);
        return properties;
    }

    private String clientProtocol() {
        if (users.isEmpty()) {
            return tls ? "SSL" : "PLAINTEXT";
        }
        return tls ? "SASL_SSL" : "SASL_PLAINTEXT";
    }

    private void putSecurity(Map<String, String> properties) {
        if (!users.isEmpty()) {
            properties.put("listener.name.client.sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-256");
            properties.put(
                    "listener.name.client.plain.sasl.jaas.config",
                    users.entrySet().stream()
                            .map(user -> " user_" + user.getKey() + "=\"" + user.getValue() + "\"")
                            .collect(Collectors.joining(
                                    "", "org.apache.kafka.common.security.plain.PlainLoginModule required", ";")));
            properties.put(
                    "listener.name.client.scram-sha-256.sasl.jaas.config",
                    "org.apache.kafka.common.security.scram.ScramLoginModule required;");
        }
        if (certificate != null) {
            properties.put("listener.name.client.ssl.keystore.type", "PEM");
            properties.put(
                    "listener.name.client.ssl.keystore.location",
                    certificate.keyFile().toString());
        }
        if (authorizer) {
            properties.put("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
            // Nobody is anonymous on the clients' listener; the broker itself and the fixture are.
            properties.put("super.users", "User:ANONYMOUS");
        }
    }

    @Override
    List<String> command() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m", "-Djava.awt.headless=true"));
        archiving = archive.isMissing();
        command.addAll(archive.flags());
        command.add("-cp");
        command.add(classPath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
        command.add(BrokerClassPath.MAIN_CLASS);
        command.add(configuration().toString());
        command.add(directory().resolve("data").toString());
        command.add(clusterId);
        users.forEach((name, password) -> command.add("SCRAM-SHA-256=[name=" + name + ",password=" + password + "]"));
        return command;
    }

    /** An ApiVersions request of version 0, which is allowed before any login, and its correlation id in the answer. */
    @Override
    boolean answers() {
        try (Socket socket = new Socket()) {
            socket.connect(Loopback.address(fixturePort), PROBE_MILLIS);
            socket.setSoTimeout(PROBE_MILLIS);
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            ByteBuffer request = ByteBuffer.allocate(14);
            request.putInt(10)
                    .putShort(API_VERSIONS)
                    .putShort((short) 0)
                    .putInt(7)
                    .putShort((short) -1);
            out.write(request.array());
            DataInputStream in = new DataInputStream(socket.getInputStream());
            return in.readInt() > 0 && in.readInt() == 7;
        } catch (IOException notYet) {
            return false;
        }
    }

    @Override
    int serverPort() {
        return port;
    }

    @Override
    boolean endsOrderly() {
        return archiving;
    }

    @Override
    void ended(int exitCode) {
        archive.publish(exitCode);
    }

    /** Where clients connect, as {@code host:port}; through the proxy if there is one, also for what they learn there. */
    public String bootstrapServers() {
        return host() + ":" + port();
    }

    /**
     * The properties with which a client of kafka-clients connects: address and, under TLS, what to trust.
     *
     * @throws IllegalStateException if the server has users: then name one
     */
    public Map<String, String> clientConfig() {
        if (!users.isEmpty()) {
            throw new IllegalStateException(
                    "this Kafka wants a login; say clientConfig(user) with one of " + users.keySet());
        }
        return connection();
    }

    /**
     * The properties with which a client connects as this user, by SCRAM-SHA-256.
     *
     * @param user one that the server was started with
     */
    public Map<String, String> clientConfig(String user) {
        @Nullable String password = users.get(user);
        if (password == null) {
            throw new IllegalArgumentException("no user " + user + "; there are " + users.keySet());
        }
        Map<String, String> config = connection();
        config.put("sasl.mechanism", "SCRAM-SHA-256");
        config.put(
                "sasl.jaas.config",
                "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"" + user + "\" password=\""
                        + password + "\";");
        return config;
    }

    private Map<String, String> connection() {
        Map<String, String> config = new LinkedHashMap<>();
        config.put("bootstrap.servers", bootstrapServers());
        config.put("security.protocol", clientProtocol());
        if (certificate != null) {
            config.put("ssl.truststore.type", "PEM");
            config.put("ssl.truststore.location", certificate.certificateFile().toString());
        }
        return config;
    }

    /** Creates a topic and waits until each partition has its leader. */
    public void createTopic(String topic, int partitions) {
        createTopic(topic, partitions, Map.of());
    }

    /**
     * Creates a topic and waits until each partition has its leader.
     *
     * @param configs as Kafka names them: {@code Map.of("max.message.bytes", "2000")}
     */
    public void createTopic(String topic, int partitions, Map<String, String> configs) {
        admin().createTopic(topic, partitions, configs);
    }

    /** Deletes a topic with all its records, and waits until it is gone. */
    public void deleteTopic(String topic) {
        admin().deleteTopic(topic);
    }

    /** Raises the number of partitions, and waits until the new ones have their leaders. */
    public void addPartitions(String topic, int newTotal) {
        admin().addPartitions(topic, newTotal);
    }

    /** Names of all topics but Kafka's own. */
    public Set<String> topics() {
        return admin().topics();
    }

    /** Offset of the first record that is still there, for each partition. */
    public Map<Integer, Long> startOffsets(String topic) {
        return admin().startOffsets(topic);
    }

    /** Offset that the next record will get, for each partition. */
    public Map<Integer, Long> endOffsets(String topic) {
        return admin().endOffsets(topic);
    }

    /** Deletes the records of a partition below an offset, as retention would. */
    public void deleteRecords(String topic, int partition, long beforeOffset) {
        admin().deleteRecords(topic, partition, beforeOffset);
    }

    /** What a group has committed on a topic; without the partitions on which it has committed nothing. */
    public Map<Integer, Commit> commits(String group, String topic) {
        return admin().commits(group, topic);
    }

    /** The number of members that a group has now; 0 if there is no such group. */
    public int members(String group) {
        return admin().members(group);
    }

    /**
     * Allows a user an operation; needs {@link Builder#authorizer()}. What nothing allows is denied.
     *
     * @param operation as Kafka names it: {@code READ}, {@code WRITE}, {@code CREATE}, {@code DESCRIBE}, {@code ALL}, ...
     * @param resourceType {@code TOPIC}, {@code GROUP}, {@code CLUSTER} or {@code TRANSACTIONAL_ID}
     * @param resource its name; {@code *} for all, {@code kafka-cluster} for the cluster
     */
    public void allow(String user, String operation, String resourceType, String resource) {
        admin().allow(user, operation, resourceType, resource);
    }

    /** Takes back all that {@link #allow} gave to a user. */
    public void disallow(String user) {
        admin().disallow(user);
    }

    private KafkaAdmin admin() {
        return new KafkaAdmin(Loopback.HOST + ":" + fixturePort);
    }

    /**
     * A committed position.
     *
     * @param offset of the next record to read
     * @param metadata what the group stored beside it; empty if nothing
     */
    public record Commit(long offset, String metadata) {}

    /** Options of a Kafka. Not thread-safe; may be used again after {@link #start()}. */
    public static final class Builder {

        private final Map<String, String> settings = new LinkedHashMap<>();
        private final Map<String, String> users = new LinkedHashMap<>();
        private boolean authorizer;
        private boolean tls;
        private boolean proxied;
        private Duration startTimeout = Duration.ofSeconds(60);

        private Builder() {}

        /** Sets a property of the broker over the fixture's own. */
        public Builder config(String key, String value) {
            settings.put(key, value);
            return this;
        }

        /**
         * Adds a user; with the first one clients have to log in, by PLAIN or SCRAM-SHA-256. Default: none, no login.
         *
         * @param password without quotes and brackets
         */
        public Builder user(String name, String password) {
            users.put(name, password);
            return this;
        }

        /** Denies users all that {@link KafkaServer#allow} does not allow; needs a user. Default: everything is allowed. */
        public Builder authorizer() {
            this.authorizer = true;
            return this;
        }

        /** Serves clients by TLS only, with a certificate of its own; see {@link #clientConfig()}. Default: plain. */
        public Builder tls() {
            this.tls = true;
            return this;
        }

        /**
         * Puts a proxy between clients and broker, see {@link ServerProcess#proxy()}; its address is what the broker
         * advertises, so that no client goes round it. Default: none.
         */
        public Builder proxied() {
            this.proxied = true;
            return this;
        }

        /** How long a start may take. Default: 60 s. */
        public Builder startTimeout(Duration timeout) {
            this.startTimeout = timeout;
            return this;
        }

        /**
         * Starts the server and returns when it answers, after 1 to 2 s on an idle machine.
         *
         * @throws ServerException if the broker is not on the class path or does not come up
         */
        public KafkaServer start() {
            if (authorizer && users.isEmpty()) {
                throw new IllegalStateException("an authorizer needs users to tell apart; add user(name, password)");
            }
            KafkaServer server = new KafkaServer(this, BrokerClassPath.jars());
            server.launch();
            return server;
        }
    }
}
