package dev.syncline.broker.redis;

import dev.syncline.spi.Received;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Fetches what partitions want, waits for news of those that are read to the end, and hands out what is there, each turn
 * beginning with another partition.
 *
 * <p>Threading: the polling thread.
 */
final class ReadDuty {

    private final int maxPoll;
    private final Link link;
    private final Ownership ownership;
    private final Arrivals arrivals = new Arrivals();
    private int turn;

    ReadDuty(int maxPoll, Link link, Ownership ownership) {
        this.maxPoll = maxPoll;
        this.link = link;
        this.ownership = ownership;
    }

    /** Hands out what is there; how much that was. */
    int deliver(Consumer<Received> sink) {
        var partitions = List.copyOf(ownership.all());
        int count = 0;
        turn++;
        for (int i = 0; i < partitions.size(); i++) {
            var reading = partitions.get(Math.floorMod(turn + i, partitions.size())).reading;
            while (count < maxPoll && reading.handOut(sink)) {
                count++;
            }
        }
        return count;
    }

    void fetchAndAwait() {
        var pair = link.pair();
        if (pair == null) {
            return;
        }
        var afterIds = new HashMap<String, String>();
        for (var one : ownership.all()) {
            if (one.reading.wantsFetch()) {
                fetch(pair.commands(), one);
            } else if (one.reading.awaitsNews()) {
                afterIds.put(Keys.stream(one.partition), one.reading.newsAfter().toString());
            }
        }
        await(pair, afterIds);
    }

    /** Fetches from one partition if it wants that. */
    void fetchIfWanted(OwnedPartition one) {
        var session = link.commands();
        if (session != null && one.reading.wantsFetch()) {
            fetch(session, one);
        }
    }

    private void fetch(Session session, OwnedPartition one) {
        var token = one.lease.token();
        link.on(one.reading.fetch(session, maxPoll), "cannot read " + one.partition, reply -> {
            if (reply.isLost()) {
                one.lease.refuse(token);
            } else {
                one.reading.fetched(reply);
            }
        });
    }

    private void await(Uplink.Pair pair, Map<String, String> afterIds) {
        if (arrivals.begins(afterIds.keySet())) {
            link.on(
                    pair.waiting().awaitEntries(afterIds, Connector.LONGEST_WAIT),
                    "cannot wait for entries",
                    streams -> {
                        arrivals.ended();
                        for (var one : ownership.all()) {
                            if (streams.contains(Keys.stream(one.partition))) {
                                one.reading.arrived();
                            }
                        }
                    });
        } else if (arrivals.endsFor(afterIds.keySet()) && pair.waitingId() >= 0) {
            link.on(pair.commands().unblock(pair.waitingId()), "cannot end a wait", wasWaiting -> {
                if (!wasWaiting) {
                    arrivals.wasNotThere();
                }
            });
        }
    }

    void disconnected() {
        arrivals.ended();
    }
}
