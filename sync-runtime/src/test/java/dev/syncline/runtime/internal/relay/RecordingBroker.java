package dev.syncline.runtime.internal.relay;

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
import java.util.Set;

/** Confirms at once, on the sending thread, and remembers how large the batches were. */
record RecordingBroker(List<Integer> batchSizes) implements Broker {

    @Override
    public BrokerProducer producer() {
        return new BrokerProducer() {
            @Override
            public void send(List<Message> batch, SendListener listener) {
                batchSizes.add(batch.size());
                for (int i = 0; i < batch.size(); i++) {
                    var partition = new TopicPartition(batch.get(i).topic(), 0);
                    listener.onResult(i, new SendResult.Sent(partition, Position.of(i)));
                }
            }

            @Override
            public void close() {
                // holds nothing
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
        // holds nothing
    }
}
