package dev.syncline.broker.redis;

import dev.syncline.spi.BrokerContext;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.SslVerifyMode;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.TimeoutOptions.TimeoutSource;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.protocol.RedisCommand;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Opens connections of one broker. The client must neither reconnect nor repeat a command by itself: a command that is
 * repeated on a new connection may overtake or double another, so whoever lost a connection decides what comes next.
 *
 * <p>Threading: any thread.
 */
final class Connector implements AutoCloseable {

    /** How long one wait for new entries blocks its connection at most. */
    static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(2);

    private final RedisOptions options;
    private final ClientResources resources;
    private final RedisClient client;
    private final RedisURI uri;
    private final Activation activation = new Activation();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Incarnations incarnations = new Incarnations();

    Connector(BrokerContext context, RedisOptions options) {
        this(context.application() + "-" + context.name(), options);
    }

    /** With what its threads are called after. */
    Connector(String owner, RedisOptions options) {
        this.options = options;
        var threads = new AtomicInteger();
        this.resources = DefaultClientResources.builder()
                .ioThreadPoolSize(2)
                .computationThreadPoolSize(2)
                .commandLatencyRecorder(CommandLatencyRecorder.disabled())
                .threadFactoryProvider(pool -> task -> {
                    var thread = new Thread(task, "syncline-" + owner + "-redis-" + threads.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                })
                .build();
        this.client = RedisClient.create(resources);
        client.setOptions(clientOptions(options));
        client.addListener(activation);
        this.uri = uri(options);
    }

    Incarnations incarnations() {
        return incarnations;
    }

    RedisOptions options() {
        return options;
    }

    boolean isClosed() {
        return closed.get();
    }

    /**
     * Opens a connection in the background. Fails with {@link dev.syncline.api.BrokerException}; if nobody answers,
     * within the timeouts of connecting and of a command.
     */
    CompletableFuture<Session> open() {
        var connected = new CompletableFuture<Session>();
        if (isClosed()) {
            connected.completeExceptionally(new IllegalStateException("the broker is closed"));
            return connected;
        }
        try {
            var unused = client.connectAsync(ByteArrayCodec.INSTANCE, uri)
                    .whenComplete((connection, failure) -> connected(connected, connection, failure));
        } catch (RuntimeException failure) {
            connected.completeExceptionally(Failures.translate("cannot connect to " + options.address(), failure));
        }
        return connected;
    }

    private void connected(
            CompletableFuture<Session> waiting,
            @Nullable StatefulRedisConnection<byte[], byte[]> connection,
            @Nullable Throwable failure) {
        if (connection == null) {
            waiting.completeExceptionally(
                    Failures.translate("cannot connect to " + options.address(), Failures.orCancelled(failure)));
            return;
        }
        var session = new Session(connection, options.address());
        var unused = activation
                .of(connection)
                .copy()
                .orTimeout(options.connectTimeout().toNanos(), TimeUnit.NANOSECONDS)
                .whenComplete((active, inactive) -> {
                    if (inactive != null) {
                        waiting.completeExceptionally(
                                Failures.translate("cannot use the connection to " + options.address(), inactive));
                        session.close();
                    } else if (!waiting.complete(session)) {
                        session.close();
                    }
                });
    }

    /** Runs a short task again and again on a thread of the client. */
    ScheduledFuture<?> every(Duration interval, Runnable task) {
        return resources
                .eventExecutorGroup()
                .scheduleAtFixedRate(task, interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            client.shutdown(Duration.ZERO, CLOSE_PATIENCE);
            resources
                    .shutdown(0, CLOSE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                    .awaitUninterruptibly(CLOSE_PATIENCE.toMillis());
        }
    }

    private static ClientOptions clientOptions(RedisOptions options) {
        var builder = ClientOptions.builder()
                .autoReconnect(false)
                .disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
                .maintNotificationsConfig(MaintNotificationsConfig.disabled())
                .protocolVersion(ProtocolVersion.RESP2)
                .socketOptions(SocketOptions.builder()
                        .connectTimeout(options.connectTimeout())
                        .keepAlive(true)
                        .build())
                .timeoutOptions(TimeoutOptions.builder()
                        .timeoutCommands()
                        .timeoutSource(new Timeouts(options.commandTimeout()))
                        .build());
        var tls = options.tls();
        if (tls != null) {
            var ssl = SslOptions.builder().jdkSslProvider();
            if (tls.authority() != null) {
                ssl.trustManager(tls.authority().toFile());
            }
            if (tls.certificate() != null && tls.key() != null) {
                ssl.keyManager(tls.certificate().toFile(), tls.key().toFile(), new char[0]);
            }
            builder.sslOptions(ssl.build());
        }
        return builder.build();
    }

    private static RedisURI uri(RedisOptions options) {
        var uri = RedisURI.builder()
                .withHost(options.host())
                .withPort(options.port())
                .withDatabase(options.database())
                .withTimeout(options.commandTimeout());
        var password = options.password();
        if (password != null) {
            if (options.user() == null) {
                uri.withPassword(password.reveal().toCharArray());
            } else {
                uri.withAuthentication(options.user(), password.reveal().toCharArray());
            }
        }
        if (options.tls() != null) {
            uri.withSsl(true)
                    .withVerifyPeer(
                            SslVerifyMode.valueOf(options.tls().verification().name()));
        }
        return uri.build();
    }

    /** A wait for new entries takes as long as it was asked to, on top of what any command may take. */
    private static final class Timeouts extends TimeoutSource {

        private final long commandNanos;

        Timeouts(Duration command) {
            this.commandNanos = command.toNanos();
        }

        @Override
        public long getTimeout(RedisCommand<?, ?, ?> command) {
            return command.getType() == CommandType.XREAD ? commandNanos + LONGEST_WAIT.toNanos() : commandNanos;
        }

        @Override
        public TimeUnit getTimeUnit() {
            return TimeUnit.NANOSECONDS;
        }
    }
}
