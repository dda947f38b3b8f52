package dev.syncline.testkit.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One Redis, ready in a few hundredths of a second.
 *
 * <p>It runs the binary that {@code com.github.codemonstur:embedded-redis} carries (6.2), or the one that the system property
 * {@code syncline.test.redis} names. Unless options say otherwise every write is in the append-only file, and forced, before
 * it is answered: what was acknowledged is there after {@link #kill()} and {@link #restart()}.
 *
 * <p>Threading: see {@link ServerProcess}; {@link #command} may be called by any number of threads.
 */
public final class RedisServer extends ServerProcess {

    private static final int PROBE_MILLIS = 1_000;
    private static final int COMMAND_MILLIS = 10_000;
    private static final Pattern VERSION = Pattern.compile("redis_version:(\\S+)");

    private final Path binary;
    private final Map<String, String> settings;
    private final List<String> users;
    private final @Nullable String password;
    private final boolean tls;
    private @Nullable TestCertificate certificate;
    private int port;
    private int fixturePort;

    private RedisServer(Builder builder, Path binary) {
        super("Redis", builder.proxied, builder.startTimeout);
        this.binary = binary;
        this.settings = new LinkedHashMap<>(builder.settings);
        this.users = List.copyOf(builder.users);
        // Once there are users of their own, an anonymous client is to be nobody, but the fixture still must get in.
        this.password = builder.password != null || builder.users.isEmpty()
                ? builder.password
                : UUID.randomUUID().toString();
        this.tls = builder.tls;
    }

    /** Starts one with default options. */
    public static RedisServer start() {
        return builder().start();
    }

    /** Options first. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    void prepare() throws IOException {
        if (tls && certificate == null) {
            certificate = TestCertificate.create(directory());
        }
        port = Loopback.findPort();
        fixturePort = tls ? Loopback.findPort() : port;
        List<String> lines = new ArrayList<>();
        lines.add("bind " + Loopback.HOST);
        lines.add("port " + fixturePort);
        if (certificate != null) {
            lines.add("tls-port " + port);
            lines.add("tls-cert-file " + quoted(certificate.certificateFile().toString()));
            lines.add("tls-key-file " + quoted(certificate.keyFile().toString()));
            lines.add("tls-ca-cert-file " + quoted(certificate.certificateFile().toString()));
            lines.add("tls-auth-clients no");
        }
        lines.add("dir " + quoted(directory().toString()));
        if (password != null) {
            lines.add("requirepass " + quoted(password));
        }
        for (String user : users) {
            lines.add("user " + user);
        }
        settings.forEach((key, value) -> lines.add(key + " " + quoted(value)));
        Files.write(configuration(), lines);
    }

    private Path configuration() {
        return directory().resolve("redis.conf");
    }

    private static String quoted(String value) {
        return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    @Override
    List<String> command() {
        return List.of(binary.toString(), configuration().toString());
    }

    @Override
    boolean answers() {
        try (RedisConnection connection = new RedisConnection(fixturePort, PROBE_MILLIS)) {
            login(connection);
            return "PONG".equals(connection.call("PING"));
        } catch (IOException notYetOrLoading) {
            return false;
        }
    }

    @Override
    int serverPort() {
        return port;
    }

    /**
     * Where clients connect: {@code redis://127.0.0.1:20113}, with {@code rediss} under TLS. Without credentials; through the
     * proxy if there is one.
     */
    public String uri() {
        return (tls ? "rediss://" : "redis://") + host() + ":" + port();
    }

    /**
     * The certificate that clients have to trust, in a PEM file, self-signed for {@code localhost} and {@code 127.0.0.1}.
     *
     * @throws IllegalStateException if the server was not asked for with TLS
     */
    public Path certificate() {
        if (certificate == null) {
            throw new IllegalStateException("this Redis has no TLS; ask for it with tls()");
        }
        return certificate.certificateFile();
    }

    /** The version that the server reports, like {@code 6.2.11}. */
    public String version() {
        Matcher found = VERSION.matcher(String.valueOf(command("INFO", "server")));
        if (!found.find()) {
            throw new ServerException(this + " does not tell its version");
        }
        return found.group(1);
    }

    /**
     * Sends one command on a connection of its own and returns the answer: a String (read as UTF-8), a Long, a List of these,
     * or null. Goes past the proxy and has all rights. Waits at most 10 s.
     *
     * @throws ServerException if there is no answer or it is an error; the message holds the server's own
     */
    public @Nullable Object command(String... command) {
        try (RedisConnection connection = new RedisConnection(fixturePort, COMMAND_MILLIS)) {
            login(connection);
            return connection.call(command);
        } catch (IOException e) {
            throw new ServerException(this + " to " + command[0] + ": " + e.getMessage(), e);
        }
    }

    private void login(RedisConnection connection) throws IOException {
        if (password != null) {
            connection.call("AUTH", password);
        }
    }

    /** Options of a Redis. Not thread-safe; may be used again after {@link #start()}. */
    public static final class Builder {

        private final Map<String, String> settings = new LinkedHashMap<>(
                Map.of("appendonly", "yes", "appendfsync", "always", "save", "", "daemonize", "no"));
        private final List<String> users = new ArrayList<>();
        private @Nullable String password;
        private boolean tls;
        private boolean proxied;
        private Duration startTimeout = Duration.ofSeconds(20);

        private Builder() {}

        /**
         * Sets a directive of {@code redis.conf}. Default: {@code appendonly yes}, {@code appendfsync always},
         * {@code save ""}.
         */
        public Builder config(String key, String value) {
            settings.put(key, value);
            return this;
        }

        /** Demands this password of the default user. Default: none. */
        public Builder password(String password) {
            this.password = password;
            return this;
        }

        /**
         * Adds a user with ACL rules, as in {@code user("app", "secret", "~s:*", "+@all", "-flushall")}. With the first one
         * the default user gets a password, so that clients without a name are refused. Default: none.
         */
        public Builder user(String name, String password, String... rules) {
            users.add(name + " on >" + password + " " + String.join(" ", rules));
            return this;
        }

        /** Serves clients by TLS only, with a certificate of its own; see {@link RedisServer#certificate()}. Default: plain. */
        public Builder tls() {
            this.tls = true;
            return this;
        }

        /** Puts a proxy between clients and server, see {@link ServerProcess#proxy()}. Default: none. */
        public Builder proxied() {
            this.proxied = true;
            return this;
        }

        /** How long a start may take. Default: 20 s. */
        public Builder startTimeout(Duration timeout) {
            this.startTimeout = timeout;
            return this;
        }

        /**
         * Starts the server and returns when it answers.
         *
         * @throws ServerException if there is no binary for this platform, or the server does not come up
         */
        public RedisServer start() {
            RedisServer server = new RedisServer(this, RedisBinary.locate());
            server.launch();
            return server;
        }
    }
}
