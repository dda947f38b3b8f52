package dev.syncline.verification.place;

import dev.syncline.testkit.server.RedisServer;
import dev.syncline.testkit.server.ServerException;
import dev.syncline.testkit.server.ServerProcess;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Redis behind a proxy. Where it may be killed as well it forces what it confirms. */
final class RedisPlace implements Place {

    private final RedisServer redis;
    private final Map<String, String> asked = new HashMap<>();
    private final int partitions;

    private RedisPlace(RedisServer redis, int partitions) {
        this.redis = redis;
        this.partitions = partitions;
    }

    static RedisPlace forced(int partitions) {
        return new RedisPlace(RedisServer.builder().proxied().start(), partitions);
    }

    static RedisPlace ofGroup(int partitions) {
        return new RedisPlace(unforced(RedisServer.builder().proxied()).start(), partitions);
    }

    /** For the state of a group whose broker is another. */
    static RedisServer state(boolean isKilled) {
        var redis = RedisServer.builder();
        return (isKilled ? redis.proxied() : unforced(redis)).start();
    }

    /**
     * For one that is not killed, where state that several instances share is written once per event: while the disk is slow
     * it confirms, for up to two seconds, what it has not yet written.
     */
    private static RedisServer.Builder unforced(RedisServer.Builder redis) {
        return redis.config("appendfsync", "everysec");
    }

    @Override
    public String uri() {
        return redis.uri();
    }

    @Override
    public List<ServerProcess> servers() {
        return List.of(redis);
    }

    @Override
    public Optional<RedisServer> state() {
        return Optional.of(redis);
    }

    @Override
    public List<String> passed(String group, String topic) {
        var ids = new ArrayList<String>();
        if (!redis.isRunning() || redis.isPaused()) {
            return ids;
        }
        try {
            for (int i = 0; i < partitions; i++) {
                passed(group, "{" + topic + ":" + i + "}", ids);
            }
        } catch (ServerException away) {
            return List.of(); // killed meanwhile
        }
        return ids;
    }

    private void passed(String group, String stream, List<String> ids) {
        if (!(redis.command("HGET", stream + ":group:" + group, "position") instanceof String position)) {
            return;
        }
        String from = asked.containsKey(group + stream) ? "(" + asked.get(group + stream) : "-";
        if (redis.command("XRANGE", stream, from, position) instanceof List<?> entries) {
            for (Object entry : entries) {
                List<?> fields = (List<?>) ((List<?>) entry).get(1);
                ids.add(field(fields, "ce_id"));
            }
        }
        asked.put(group + stream, position);
    }

    @Override
    public List<Shipped> shipped(String topic) {
        var all = new ArrayList<Shipped>();
        for (int i = 0; i < partitions; i++) {
            if (redis.command("XRANGE", "{" + topic + ":" + i + "}", "-", "+") instanceof List<?> entries) {
                for (Object entry : entries) {
                    all.add(shipped(i, (List<?>) entry));
                }
            }
        }
        return all;
    }

    private static Shipped shipped(int partition, List<?> entry) {
        var id = String.valueOf(entry.get(0));
        var fields = (List<?>) entry.get(1);
        return Shipped.of(
                partition,
                field(fields, "ce_id"),
                field(fields, "ce_outboxseq"),
                Long.parseLong(id.substring(0, id.indexOf('-'))));
    }

    private static String field(List<?> fields, String name) {
        return String.valueOf(fields.get(fields.indexOf(name) + 1));
    }

    @Override
    public void close() {
        redis.close();
    }
}
