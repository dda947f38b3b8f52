package dev.syncline.broker.redis;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import java.net.SocketAddress;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.CompletableFuture;

/**
 * Knows which connections take commands. The client may say that it has connected a moment before: where it sends
 * credentials, its handshake ends now and then on a thread beside the one that makes the connection take commands (seen
 * once in 3000 connections, Lettuce 7.7.0), and what is sent in between it rejects.
 *
 * <p>Threading: any thread.
 */
final class Activation implements RedisConnectionStateListener {

    /** Weak, since of a connection that fails in between only one side may be heard. */
    private final Map<Object, CompletableFuture<Void>> signals = new WeakHashMap<>();

    @Override
    public void onRedisConnected(RedisChannelHandler<?, ?> connection, SocketAddress address) {
        of(connection).complete(null);
    }

    /** Completes when the connection takes commands, maybe before it is asked for. */
    CompletableFuture<Void> of(Object connection) {
        synchronized (signals) {
            return signals.computeIfAbsent(connection, first -> new CompletableFuture<>());
        }
    }
}
