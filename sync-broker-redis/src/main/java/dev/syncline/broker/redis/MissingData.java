package dev.syncline.broker.redis;

import dev.syncline.api.BrokerException;
import dev.syncline.spi.Position;
import dev.syncline.spi.TopicPartition;
import java.util.HashMap;
import java.util.Map;

/**
 * Remembers what was there once, finds what is missing of it, and keeps that beside the position until somebody says
 * where to go on.
 *
 * <p>Threading: the polling thread.
 */
final class MissingData {

    /** What was there once. */
    private record Seen(String incarnation, Position highest) {}

    private final String group;
    private final Link link;
    private final Map<TopicPartition, Seen> seen = new HashMap<>();

    MissingData(String group, Link link) {
        this.group = group;
        this.link = link;
    }

    /** What was seen of a partition that is not ours any more. */
    void remember(OwnedPartition one) {
        seen.put(one.partition, new Seen(one.incarnation, one.highest()));
    }

    /** Compares a partition that was just taken with what was seen of it before. */
    void check(OwnedPartition one, Acquired acquired) {
        var before = seen.get(one.partition);
        if (before == null || acquired.gap() != null) {
            return;
        }
        if (!before.incarnation().equals(acquired.incarnation())) {
            miss(one, "the topic was deleted and made anew");
        } else {
            checkNotBefore(one, acquired.newest(), before.highest());
        }
    }

    /** Compares a partition of ours with what was seen of it on the connection before. */
    void check(OwnedPartition one, Position newest) {
        checkNotBefore(one, newest, one.highest());
    }

    private void checkNotBefore(OwnedPartition one, Position newest, Position highest) {
        if (newest.compareTo(highest) < 0) {
            miss(one, "the newest entry is " + newest + ", older than " + highest + ", which was there before");
        }
    }

    /** Only this consumer knows: keeps it for others, too. */
    private void miss(OwnedPartition one, String what) {
        one.reading.miss(what);
        var session = link.commands();
        if (session != null) {
            link.on(
                    session.run(Script.MARK, one.lease.keys(), one.lease.arguments(what)),
                    "cannot mark " + one.partition,
                    reply -> {});
        }
    }

    /** Throws what is missing and was not told yet. */
    void throwNews(Iterable<OwnedPartition> partitions) {
        for (var one : partitions) {
            if (one.reading.gap() != null && !one.isGapTold) {
                one.isGapTold = true;
                throw missing(one);
            }
        }
    }

    /** Throws what is missing, told or not. */
    void throwStanding(Iterable<OwnedPartition> partitions) {
        for (var one : partitions) {
            if (one.reading.gap() != null) {
                throw missing(one);
            }
        }
    }

    private BrokerException missing(OwnedPartition one) {
        return BrokerException.refused(
                "group \"" + group + "\" cannot go on in " + Keys.stream(one.partition)
                        + ", where data is missing: " + one.reading.gap()
                        + ". Nothing was skipped; ship again what is missing, and seek where to go on",
                null);
    }
}
