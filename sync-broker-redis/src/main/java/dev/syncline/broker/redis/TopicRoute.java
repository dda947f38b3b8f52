package dev.syncline.broker.redis;

import dev.syncline.api.BrokerException;
import dev.syncline.spi.SendResult;
import dev.syncline.spi.TopicPartition;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The way of messages to the partitions of one topic. Until the number of partitions is known they wait in one queue.
 *
 * <p>Threading: guarded by the lock of its producer.
 */
final class TopicRoute {

    private final String topic;
    private final Results results;
    private final Incarnations incarnations;
    private final Deque<Outgoing> unrouted = new ArrayDeque<>();
    private List<Outlet> outlets = List.of();
    private boolean failed;

    TopicRoute(String topic, Results results, Incarnations incarnations) {
        this.topic = topic;
        this.results = results;
        this.incarnations = incarnations;
    }

    String topic() {
        return topic;
    }

    boolean isResolved() {
        return !outlets.isEmpty();
    }

    /** Takes a message; the outlet that has it now, or null while none can have it. */
    void add(Outgoing message) {
        if (failed) {
            results.add(message.listener(), message.index(), new SendResult.NotAttempted());
        } else if (isResolved()) {
            outlet(message).add(message);
        } else {
            unrouted.add(message);
        }
    }

    void resolved(Topic found) {
        if (failed) {
            return;
        }
        outlets = IntStream.range(0, found.partitions())
                .mapToObj(i -> new Outlet(new TopicPartition(topic, i), found.partitions(), results, incarnations))
                .toList();
        unrouted.forEach(message -> outlet(message).add(message));
        unrouted.clear();
    }

    List<Outlet> outlets() {
        return outlets;
    }

    /** Nothing of this topic can be sent any more. */
    void fail(BrokerException reason) {
        failed = true;
        outlets.forEach(outlet -> outlet.abandon(reason));
        var first = unrouted.poll();
        if (first != null) {
            results.add(first.listener(), first.index(), new SendResult.Failed(reason));
        }
        unrouted.forEach(message -> results.add(message.listener(), message.index(), new SendResult.NotAttempted()));
        unrouted.clear();
    }

    private Outlet outlet(Outgoing message) {
        return outlets.get(Partitioner.partition(message.message(), outlets.size()));
    }
}
