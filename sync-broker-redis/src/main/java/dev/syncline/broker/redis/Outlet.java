package dev.syncline.broker.redis;

import dev.syncline.api.BrokerException;
import dev.syncline.spi.SendResult;
import dev.syncline.spi.TopicPartition;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What is to be appended to one partition: a queue, and at most one batch under way. After the first message that was
 * not confirmed nothing more is sent.
 *
 * <p>Threading: guarded by the lock of its producer.
 */
final class Outlet {

    private static final int MAX_MESSAGES = 512;
    private static final int MAX_BYTES = 1024 * 1024;

    private final TopicPartition partition;
    private final int partitions;
    private final Results results;
    private final Deque<Outgoing> waiting = new ArrayDeque<>();
    private List<Outgoing> underWay = List.of();
    private final Incarnations incarnations;
    private boolean failed;
    private @Nullable BrokerException madeAnew;

    Outlet(TopicPartition partition, int partitions, Results results, Incarnations incarnations) {
        this.incarnations = incarnations;
        this.partition = partition;
        this.partitions = partitions;
        this.results = results;
    }

    TopicPartition partition() {
        return partition;
    }

    void add(Outgoing message) {
        if (failed) {
            results.add(message.listener(), message.index(), new SendResult.NotAttempted());
        } else {
            waiting.add(message);
        }
    }

    /** Sends the next batch if none is under way; null if there is nothing to send. */
    @Nullable
    CompletionStage<Reply> send(Session session) {
        if (failed || !underWay.isEmpty()) {
            return null;
        }
        var next = waiting.peek();
        if (next == null) {
            return null;
        }
        if (next.refusal() != null) {
            fail(waiting.remove(), next.refusal());
            return null;
        }
        underWay = nextBatch();
        var arguments = Keys.list(String.valueOf(partitions), incarnations.of(partition));
        for (var message : underWay) {
            arguments.add(Keys.bytes(String.valueOf(message.fields().size())));
            arguments.addAll(message.fields());
        }
        return session.run(Script.APPEND, Keys.list(Keys.stream(partition), Keys.topic(partition)), arguments);
    }

    private List<Outgoing> nextBatch() {
        var batch = new ArrayList<Outgoing>();
        int bytes = 0;
        for (var next = waiting.peek();
                next != null && next.refusal() == null && batch.size() < MAX_MESSAGES;
                next = waiting.peek()) {
            bytes += next.bytes();
            if (bytes > MAX_BYTES && !batch.isEmpty()) {
                break;
            }
            batch.add(waiting.remove());
        }
        return batch;
    }

    /** The batch under way was answered. Returns how many were appended. */
    int answered(Reply reply) {
        var batch = underWay;
        underWay = List.of();
        if (failed) {
            return 0; // abandoned meanwhile
        }
        if (!reply.isOk()) {
            var reason = notAppended(reply);
            if (reply.status().equals("ANOTHER")) {
                madeAnew = reason;
            }
            fail(batch, 0, reason);
            return 0;
        }
        incarnations.appended(partition, reply.text(1));
        var ids = reply.list(2);
        for (int i = 0; i < ids.size(); i++) {
            var position = EntryId.parse(Reply.asText(ids.get(i)));
            results.add(batch.get(i).listener(), batch.get(i).index(), new SendResult.Sent(partition, position));
        }
        if (ids.size() < batch.size()) {
            var refused = batch.get(ids.size());
            fail(
                    batch,
                    ids.size(),
                    Failures.server(
                            "cannot append " + refused.described() + " to " + Keys.stream(partition),
                            reply.text(3),
                            null));
        }
        return ids.size();
    }

    /** Why the whole topic, and not this partition alone, is another one; null if it is not. */
    @Nullable
    BrokerException madeAnew() {
        return madeAnew;
    }

    /** The batch under way was not answered as it should. */
    void failed(Throwable failure) {
        var batch = underWay;
        underWay = List.of();
        if (failed) {
            return;
        }
        var reason = Failures.translate("cannot append to " + Keys.stream(partition), failure);
        if (Failures.isAnswer(failure)) {
            fail(batch, 0, reason);
        } else {
            // the answer got lost, so that all of the batch may have been appended
            failAll(batch, reason);
        }
    }

    /** Gives up: what is under way may have arrived or not, what waits has not. */
    void abandon(BrokerException reason) {
        if (!failed) {
            failAll(underWay, reason);
        }
    }

    private BrokerException notAppended(Reply reply) {
        return switch (reply.status()) {
            case "MISSING" -> Topic.missing(partition.topic());
            case "ANOTHER" ->
                BrokerException.dataLost(
                        "topic \"" + partition.topic() + "\" was deleted and made anew: what " + Keys.stream(partition)
                                + " held is lost; ship it again from the outbox (rewind)",
                        null);
            case "GONE" ->
                BrokerException.dataLost(
                        "stream " + Keys.stream(partition) + " was deleted, with all up to entry " + reply.text(1)
                                + "; ship it again from the outbox (rewind)",
                        null);
            default -> throw new AssertionError(reply.status());
        };
    }

    private void fail(Outgoing first, BrokerException reason) {
        fail(List.of(first), 0, reason);
    }

    private void fail(List<Outgoing> batch, int at, BrokerException reason) {
        failed = true;
        results.add(batch.get(at).listener(), batch.get(at).index(), new SendResult.Failed(reason));
        batch.subList(at + 1, batch.size()).forEach(this::notAttempted);
        waiting.forEach(this::notAttempted);
        waiting.clear();
    }

    private void failAll(List<Outgoing> batch, BrokerException reason) {
        failed = true;
        batch.forEach(message -> results.add(message.listener(), message.index(), new SendResult.Failed(reason)));
        waiting.forEach(this::notAttempted);
        waiting.clear();
    }

    private void notAttempted(Outgoing message) {
        results.add(message.listener(), message.index(), new SendResult.NotAttempted());
    }
}
