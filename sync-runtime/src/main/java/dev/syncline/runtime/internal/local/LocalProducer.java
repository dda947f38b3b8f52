package dev.syncline.runtime.internal.local;

import dev.syncline.api.BrokerException;
import dev.syncline.api.OutboxException;
import dev.syncline.api.OutboxFullException;
import dev.syncline.runtime.internal.outbox.Outgoing;
import dev.syncline.spi.BrokerProducer;
import dev.syncline.spi.Message;
import dev.syncline.spi.Position;
import dev.syncline.spi.SendResult;
import dev.syncline.spi.TopicPartition;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Appends to the outbox, at once and on the calling thread: what {@code send} was given is answered when it returns.
 * Under {@code DISK} that waits for the drive.
 */
final class LocalProducer implements BrokerProducer {

    private static final SendResult NOT_ATTEMPTED = new SendResult.NotAttempted();

    private final LocalBroker broker;
    private final Set<TopicPartition> broken = new HashSet<>();
    private boolean isClosed;

    LocalProducer(LocalBroker broker) {
        this.broker = broker;
    }

    @Override
    public void send(List<Message> batch, SendListener listener) {
        var results = new SendResult[batch.size()];
        synchronized (this) {
            append(batch, results);
        }
        for (int i = 0; i < results.length; i++) {
            listener.onResult(i, results[i]);
        }
    }

    private void append(List<Message> batch, SendResult[] results) {
        var chunk = new Chunk(results);
        for (int i = 0; i < results.length; i++) {
            var message = batch.get(i);
            var refusal = isClosed ? null : refusal(message);
            if (isClosed) {
                results[i] = NOT_ATTEMPTED;
            } else if (refusal != null) {
                var partition = new TopicPartition(message.topic(), broker.partitionOrFirst(message));
                results[i] = broken.add(partition) ? new SendResult.Failed(refusal) : NOT_ATTEMPTED;
            } else {
                chunk.add(i, message);
            }
        }
        chunk.flush();
    }

    private @Nullable BrokerException refusal(Message message) {
        if (broker.partitionsOf(message.topic()) == 0) {
            return broker.missing(Set.of(message.topic()));
        }
        int most = broker.capabilities().maxMessageBytes();
        if (message.size() > most) {
            return BrokerException.refusedMessage(
                    message + " takes " + message.size() + " bytes, the outbox takes " + most
                            + "; set a larger block, or store the data elsewhere and send a reference",
                    null);
        }
        return null;
    }

    @Override
    public synchronized void close() {
        isClosed = true;
    }

    /** Messages that go into one document of the outbox. */
    private final class Chunk {

        private final SendResult[] results;
        private final List<Outgoing> outgoing = new ArrayList<>();
        private final List<Integer> indexes = new ArrayList<>();
        private final List<TopicPartition> partitions = new ArrayList<>();
        private long bytes;

        Chunk(SendResult[] results) {
            this.results = results;
        }

        void add(int index, Message message) {
            if (bytes + message.size() > broker.capabilities().maxMessageBytes()
                    || outgoing.size() == Short.MAX_VALUE) {
                flush();
            }
            var partition = broker.partition(message);
            if (broken.contains(partition)) {
                results[index] = NOT_ATTEMPTED;
                return;
            }
            bytes += message.size();
            outgoing.add(new Outgoing(broker.name(), SentSequence.keep(message)));
            indexes.add(index);
            partitions.add(partition);
        }

        void flush() {
            if (outgoing.isEmpty()) {
                return;
            }
            try {
                long index = broker.outbox().append(outgoing).index();
                for (int i = 0; i < indexes.size(); i++) {
                    results[indexes.get(i)] = new SendResult.Sent(partitions.get(i), new Position(index, i));
                }
            } catch (OutboxFullException full) {
                fail(full, false);
            } catch (OutboxException failed) {
                fail(failed, true);
            }
            outgoing.clear();
            indexes.clear();
            partitions.clear();
            bytes = 0;
        }

        /** @param mayBeThere whether the messages may have been stored, so that those behind the first are not known */
        private void fail(OutboxException why, boolean mayBeThere) {
            var failed = new SendResult.Failed(BrokerException.retryable(String.valueOf(why.getMessage()), why));
            for (int i = 0; i < indexes.size(); i++) {
                boolean isFirst = broken.add(partitions.get(i));
                results[indexes.get(i)] = isFirst || mayBeThere ? failed : NOT_ATTEMPTED;
            }
        }
    }
}
