package dev.syncline.testkit;

import dev.syncline.api.BrokerException;
import dev.syncline.spi.BrokerProducer;
import dev.syncline.spi.Message;
import dev.syncline.spi.SendResult;
import dev.syncline.spi.TopicPartition;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Three queues, each in the order of sending: what the server has not looked at, what it stored and did not confirm,
 * and results that no listener was told yet. All guarded by the server's lock; listeners are told outside of it.
 */
final class MemoryProducer implements BrokerProducer {

    private record Request(Message message, SendListener listener, int index) {}

    private record Stored(Request request, SendResult result) {}

    private final MemoryServer server;
    private final Deque<Request> unseen = new ArrayDeque<>();
    private final Deque<Stored> unconfirmed = new ArrayDeque<>();
    private final Deque<Stored> untold = new ArrayDeque<>();
    private final Set<TopicPartition> failed = new HashSet<>();
    private final Set<String> failedTopics = new HashSet<>();
    private @Nullable Thread telling;
    private boolean closed;

    MemoryProducer(MemoryServer server) {
        this.server = server;
    }

    @Override
    public void send(List<Message> batch, SendListener listener) {
        server.lock.lock();
        try {
            for (int i = 0; i < batch.size(); i++) {
                unseen.add(new Request(batch.get(i), listener, i));
            }
            serverChanged();
        } finally {
            server.lock.unlock();
        }
        tell();
    }

    /** Goes on with what waits, as far as the server's state allows. */
    void serverChanged() {
        server.requireLock();
        if (server.state == MemoryServer.State.DOWN) {
            // stored, but the connection that would have said so is gone
            abandonUnconfirmed(MemoryServer.away());
        }
        while (!unseen.isEmpty() && (closed || server.state != MemoryServer.State.PAUSED)) {
            var request = unseen.remove();
            unconfirmed.add(new Stored(request, handle(request.message())));
        }
        if (closed || (!server.holdsConfirmations && server.state != MemoryServer.State.PAUSED)) {
            untold.addAll(unconfirmed);
            unconfirmed.clear();
        }
    }

    private SendResult handle(Message message) {
        if (closed || failedTopics.contains(message.topic())) {
            return new SendResult.NotAttempted();
        }
        if (!server.hasTopic(message.topic())) {
            failedTopics.add(message.topic());
            return new SendResult.Failed(MemoryServer.missing(message.topic()));
        }
        var record = MemoryRecord.of(message);
        var identity = message.attribute("source") + ' ' + message.attribute("id");
        var partition = new TopicPartition(message.topic(), server.partitionOf(message.topic(), record, identity));
        if (failed.contains(partition)) {
            return new SendResult.NotAttempted();
        }
        var refusal = refusal(message);
        if (refusal != null) {
            failed.add(partition);
            return new SendResult.Failed(refusal);
        }
        var position = server.append(partition, record);
        if (server.messagesToStoreTwice > 0) {
            server.messagesToStoreTwice--;
            position = server.append(partition, record);
        }
        if (server.confirmationsToLose > 0) {
            server.confirmationsToLose--;
            failed.add(partition);
            return new SendResult.Failed(BrokerException.retryable(
                    "the confirmation of message " + message.attribute("id") + " was lost", null));
        }
        return new SendResult.Sent(partition, position);
    }

    private @Nullable BrokerException refusal(Message message) {
        if (server.state == MemoryServer.State.DOWN) {
            return MemoryServer.away();
        }
        if (server.denied.contains(message.topic())) {
            return MemoryServer.deniedTopic(message.topic());
        }
        if (message.size() > server.maxMessageBytes) {
            return BrokerException.refusedMessage(
                    "message " + message.attribute("id") + " for topic \"" + message.topic() + "\" takes "
                            + message.size() + " bytes, and the in-memory broker takes " + server.maxMessageBytes
                            + ": send a reference to the data instead",
                    null);
        }
        return null;
    }

    private void abandonUnconfirmed(BrokerException reason) {
        while (!unconfirmed.isEmpty()) {
            var stored = unconfirmed.remove();
            if (stored.result() instanceof SendResult.Sent sent) {
                failed.add(sent.partition());
                untold.add(new Stored(stored.request(), new SendResult.Failed(reason)));
            } else {
                untold.add(stored);
            }
        }
    }

    /** Tells listeners their results in order, unless another thread is at it. */
    void tell() {
        boolean outermost = false;
        RuntimeException broken = null;
        while (true) {
            Stored next;
            server.lock.lock();
            try {
                if (telling == null) {
                    telling = Thread.currentThread();
                    outermost = true;
                } else if (telling != Thread.currentThread()) {
                    return;
                }
                next = untold.poll();
                if (next == null) {
                    if (outermost) {
                        telling = null;
                        server.signalChange();
                    }
                    break;
                }
            } finally {
                server.lock.unlock();
            }
            try {
                next.request().listener().onResult(next.request().index(), next.result());
            } catch (RuntimeException thrown) {
                broken = thrown;
            }
        }
        if (broken != null) {
            throw broken;
        }
    }

    @Override
    public void close() {
        server.lock.lock();
        try {
            if (!closed) {
                closed = true;
                server.producers.remove(this);
                abandonUnconfirmed(
                        BrokerException.retryable("the producer was closed before the broker confirmed", null));
                serverChanged();
            }
        } finally {
            server.lock.unlock();
        }
        tell();
        awaitTold();
    }

    private void awaitTold() {
        server.lock.lock();
        try {
            while (telling != null && telling != Thread.currentThread()) {
                server.changed.awaitUninterruptibly();
            }
        } finally {
            server.lock.unlock();
        }
    }
}
