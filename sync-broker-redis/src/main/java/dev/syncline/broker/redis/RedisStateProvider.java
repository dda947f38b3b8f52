package dev.syncline.broker.redis;

import dev.syncline.spi.LogProvider;
import dev.syncline.spi.LogStore;
import dev.syncline.spi.StateContext;
import dev.syncline.spi.StateProvider;
import dev.syncline.spi.StateStore;
import java.util.Set;

/**
 * Redis as a store of shared state, or of parked events alone: {@code redis://[user:password@]host[:port][/database][?option=value&…]}, with
 * {@code rediss} for TLS. Redis 6.2 or newer, one master. It may be the Redis that is the broker, or another one.
 *
 * <p>Options are those of the connection of {@link RedisBrokerProvider}: {@code connect.timeout}, {@code command.timeout},
 * {@code user}, {@code password}, {@code database}, {@code tls.verify}, {@code tls.ca}, {@code tls.cert}, {@code tls.key}.
 *
 * <p>What is kept is as durable as the settings of the server make it: {@code appendfsync always} for what must survive a
 * power failure, parked events among it. {@code maxmemory-policy} must be {@code noeviction}.
 *
 * <p>An ACL user needs the keys <code>syncline:state:*</code> and {@code +@hash +@sortedset +@stream +sadd +smembers
 * +unlink +pexpire +time +eval +evalsha +info +ping}.
 */
public final class RedisStateProvider implements StateProvider, LogProvider {

    /** For {@link java.util.ServiceLoader}. */
    public RedisStateProvider() {}

    @Override
    public Set<String> schemes() {
        return Set.of("redis", "rediss");
    }

    @Override
    public StateStore open(StateContext context) {
        return new RedisStateStore(new Connector(context.application() + "-state", OptionParser.parse(context)));
    }

    @Override
    public LogStore openLogs(StateContext context) {
        return new RedisLogStore(
                new RedisStateStore(new Connector(context.application() + "-parked", OptionParser.parse(context))));
    }
}
