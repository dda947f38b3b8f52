package dev.syncline.broker.redis;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * Asks now and then how far each partition is behind, and drops what retention allows.
 *
 * <p>Threading: the polling thread.
 */
final class MeasureDuty {

    private static final long INTERVAL_NANOS = Duration.ofSeconds(1).toNanos();

    private final String group;
    private final Link link;
    private final Ownership ownership;
    private final Retention retention;
    private long nextNanos = System.nanoTime();

    MeasureDuty(String group, RedisOptions options, Link link, Ownership ownership) {
        this.group = group;
        this.link = link;
        this.ownership = ownership;
        this.retention = new Retention(options);
    }

    void run(Session session, long nowNanos) {
        if (nowNanos - nextNanos < 0) {
            return;
        }
        nextNanos = nowNanos + INTERVAL_NANOS;
        for (var one : ownership.all()) {
            if (!one.lease.isSuspended()) {
                measure(session, one);
                retention.appended(session, one.partition, 0);
            }
        }
    }

    private void measure(Session session, OwnedPartition one) {
        long asked = System.nanoTime();
        link.on(
                session.run(Script.MEASURE, one.lease.keys(), Keys.list(group, "1000", "1048576")),
                "cannot measure " + one.partition,
                reply -> measured(one, reply, asked));
    }

    private static void measured(OwnedPartition one, Reply reply, long asked) {
        if (reply.isOk()) {
            one.measured(OptionalLong.of(reply.number(1)), asked);
        } else {
            // no stream or no group: nothing would wake the reader, which finds out what that means
            one.measured(OptionalLong.empty(), asked);
            one.reading.arrived();
        }
    }
}
