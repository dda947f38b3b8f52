package dev.syncline.testkit;

import dev.syncline.spi.AssignmentListener;
import dev.syncline.spi.Broker;
import dev.syncline.spi.BrokerConsumer;
import dev.syncline.spi.BrokerProducer;
import dev.syncline.spi.Capabilities;
import dev.syncline.spi.Message;
import dev.syncline.spi.Subscription;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** A broker whose producers hand over one message at a time, so that each is an entry of its own and can be dropped. */
record SingleSends(Broker broker) implements Broker {

    @Override
    public BrokerProducer producer() {
        var producer = broker.producer();
        return new BrokerProducer() {
            @Override
            public void send(List<Message> batch, SendListener listener) {
                for (int i = 0; i < batch.size(); i++) {
                    int index = i;
                    producer.send(List.of(batch.get(i)), (zero, result) -> listener.onResult(index, result));
                }
            }

            @Override
            public void close() {
                producer.close();
            }
        };
    }

    @Override
    public Capabilities capabilities() {
        return broker.capabilities();
    }

    @Override
    public void check(Set<String> publish, Set<String> subscribe, String group, Duration atMost) {
        broker.check(publish, subscribe, group, atMost);
    }

    @Override
    public BrokerConsumer consumer(Subscription subscription, AssignmentListener listener) {
        return broker.consumer(subscription, listener);
    }

    @Override
    public void forgetGroup(String group, Duration atMost) {
        broker.forgetGroup(group, atMost);
    }

    @Override
    public void close() {
        broker.close();
    }
}
