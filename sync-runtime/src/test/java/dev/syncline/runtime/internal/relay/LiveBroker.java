package dev.syncline.runtime.internal.relay;

import dev.syncline.api.BrokerException;
import dev.syncline.spi.AssignmentListener;
import dev.syncline.spi.Broker;
import dev.syncline.spi.BrokerConsumer;
import dev.syncline.spi.BrokerProducer;
import dev.syncline.spi.Capabilities;
import dev.syncline.spi.Message;
import dev.syncline.spi.Position;
import dev.syncline.spi.SendResult;
import dev.syncline.spi.Subscription;
import dev.syncline.spi.TopicPartition;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Confirms on a thread of its own, and misbehaves as told. */
final class LiveBroker implements Broker {

    final Queue<String> arrived = new ConcurrentLinkedQueue<>();
    final AtomicInteger producersMade = new AtomicInteger();
    final AtomicInteger sendsToBreak = new AtomicInteger();
    final CountDownLatch closeMayEnd = new CountDownLatch(1);
    volatile boolean isAway;
    volatile boolean isSilent;
    volatile boolean hangsInClose;

    private final ExecutorService network = Executors.newSingleThreadExecutor(task -> new Thread(task, "network"));

    @Override
    public BrokerProducer producer() {
        producersMade.incrementAndGet();
        return new BrokerProducer() {
            private volatile boolean isClosed;

            @Override
            public void send(List<Message> batch, SendListener listener) {
                if (sendsToBreak.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                    throw new IllegalStateException("client broke");
                }
                network.execute(() -> {
                    for (int i = 0; i < batch.size() && !isSilent; i++) {
                        listener.onResult(i, answer(batch.get(i)));
                    }
                });
            }

            private SendResult answer(Message message) {
                if (isClosed) {
                    return new SendResult.NotAttempted();
                }
                if (isAway) {
                    return new SendResult.Failed(BrokerException.retryable("away", null));
                }
                arrived.add(message.attribute("id"));
                return new SendResult.Sent(new TopicPartition(message.topic(), 0), Position.of(arrived.size()));
            }

            @Override
            public void close() {
                isClosed = true;
                if (hangsInClose) {
                    try {
                        closeMayEnd.await();
                    } catch (InterruptedException interrupted) {
                        Thread.currentThread().interrupt();
                    }
                }
            }
        };
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities(true, true, 1 << 20);
    }

    @Override
    public void check(Set<String> publish, Set<String> subscribe, String group, Duration atMost) {
        throw new UnsupportedOperationException();
    }

    @Override
    public BrokerConsumer consumer(Subscription subscription, AssignmentListener listener) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void forgetGroup(String group, Duration atMost) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        closeMayEnd.countDown();
        network.shutdown();
    }
}
