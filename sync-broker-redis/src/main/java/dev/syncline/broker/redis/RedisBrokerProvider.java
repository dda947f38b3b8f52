package dev.syncline.broker.redis;

import dev.syncline.spi.Broker;
import dev.syncline.spi.BrokerContext;
import dev.syncline.spi.BrokerProvider;
import java.util.Set;

/**
 * Redis Streams as a broker: {@code redis://[user:password@]host[:port][/database][?option=value&…]}, with {@code rediss}
 * for TLS. Redis 6.2 or newer, one master; Redis Cluster and Sentinel are not supported.
 *
 * <p>Each partition of a topic is a stream, {@code {topic:n}}, read by one consumer of a group at a time, who holds its
 * lease; the partition of a key is Kafka's. A confirmation is as durable as the settings of the server make it: for
 * what {@code kill -9} must not take, {@code appendonly yes}. {@code maxmemory-policy} must be {@code noeviction}.
 *
 * <table>
 * <caption>Options</caption>
 * <tr><th>option</th><th>default</th><th>meaning</th></tr>
 * <tr><td>{@code topics.partitions}</td><td>8</td><td>of topics that are made; a topic that exists with another count is
 *     refused if this is given, and keeps its count if not</td></tr>
 * <tr><td>{@code topics.create}</td><td>false</td><td>whether missing topics are made at start</td></tr>
 * <tr><td>{@code lease.time}</td><td>15s</td><td>after a consumer dies or is cut off, others take over after so
 *     long</td></tr>
 * <tr><td>{@code poll.timeout}</td><td>5m</td><td>a consumer that lives, but is not polled for so long, loses its
 *     partitions after another {@code lease.time}</td></tr>
 * <tr><td>{@code connect.timeout}, {@code command.timeout}</td><td>5s</td><td>after which Redis counts as
 *     away</td></tr>
 * <tr><td>{@code retention.time}</td><td>7d</td><td>entries older than this are dropped, or {@code unlimited}; never what
 *     a group has still to read or to acknowledge, so a group that nobody reads holds everything until it is
 *     forgotten</td></tr>
 * <tr><td>{@code retention.entries}</td><td>unlimited</td><td>likewise, the oldest above so many per partition</td></tr>
 * <tr><td>{@code user}, {@code password}, {@code database}</td><td>of the URI</td><td>ACL user, password,
 *     number</td></tr>
 * <tr><td>{@code tls.verify}</td><td>full</td><td>{@code full}: trusted authority and right host; {@code ca}: trusted
 *     authority; {@code none}: nothing</td></tr>
 * <tr><td>{@code tls.ca}</td><td>those of the JVM</td><td>PEM file of the authorities to trust</td></tr>
 * <tr><td>{@code tls.cert}, {@code tls.key}</td><td>none</td><td>PEM files, if the server asks for a certificate</td></tr>
 * </table>
 *
 * <p>An ACL user needs the keys <code>{topic:*</code> of its topics and <code>syncline:{group}:*</code> of its groups,
 * and {@code +@stream +@hash +@sortedset +sadd +sismember +smembers +exists +del +time +eval +evalsha +info +ping
 * +client}; the last one may be missing, and a partition that is resumed then notices new messages up to a second later.
 *
 * <p>Several consumers may share a group, in one process or many. A seek reads without touching the group; an
 * acknowledgement behind a jump forward includes what was jumped over. Leases do not keep a stopped process from
 * finishing what it had begun: what it did to other systems meanwhile only their own fencing can refuse.
 */
public final class RedisBrokerProvider implements BrokerProvider {

    /** For {@link java.util.ServiceLoader}. */
    public RedisBrokerProvider() {}

    @Override
    public Set<String> schemes() {
        return Set.of("redis", "rediss");
    }

    @Override
    public Broker open(BrokerContext context) {
        return new RedisBroker(new Connector(context, OptionParser.parse(context)));
    }
}
