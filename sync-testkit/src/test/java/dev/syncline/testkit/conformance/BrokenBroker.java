package dev.syncline.testkit.conformance;

import dev.syncline.spi.AssignmentListener;
import dev.syncline.spi.Broker;
import dev.syncline.spi.BrokerConsumer;
import dev.syncline.spi.BrokerProducer;
import dev.syncline.spi.Capabilities;
import dev.syncline.spi.Message;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.Subscription;
import dev.syncline.spi.TopicPartition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/** A sound broker, of which a subclass breaks one thing. */
class BrokenBroker implements Broker {

    final Broker sound;

    BrokenBroker(Broker sound) {
        this.sound = sound;
    }

    @Override
    public Capabilities capabilities() {
        return sound.capabilities();
    }

    @Override
    public void check(Set<String> publish, Set<String> subscribe, String group, Duration atMost) {
        sound.check(publish, subscribe, group, atMost);
    }

    @Override
    public BrokerProducer producer() {
        return sound.producer();
    }

    @Override
    public BrokerConsumer consumer(Subscription subscription, AssignmentListener listener) {
        return sound.consumer(subscription, listener);
    }

    @Override
    public void forgetGroup(String group, Duration atMost) {
        sound.forgetGroup(group, atMost);
    }

    @Override
    public void close() {
        sound.close();
    }

    /** A sound producer, of which a subclass breaks one thing. */
    static class BrokenProducer implements BrokerProducer {

        final BrokerProducer sound;

        BrokenProducer(BrokerProducer sound) {
            this.sound = sound;
        }

        @Override
        public void send(List<Message> batch, SendListener listener) {
            sound.send(batch, listener);
        }

        @Override
        public void close() {
            sound.close();
        }
    }

    /** A sound consumer, of which a subclass breaks one thing. */
    static class BrokenConsumer implements BrokerConsumer {

        final BrokerConsumer sound;

        BrokenConsumer(BrokerConsumer sound) {
            this.sound = sound;
        }

        @Override
        public void poll(Duration atMost, Consumer<Received> sink) {
            sound.poll(atMost, sink);
        }

        @Override
        public void acknowledge(Map<TopicPartition, Acknowledgement> positions) {
            sound.acknowledge(positions);
        }

        @Override
        public boolean acknowledgeNow(Map<TopicPartition, Acknowledgement> positions, Duration atMost) {
            return sound.acknowledgeNow(positions, atMost);
        }

        @Override
        public void pause(Set<TopicPartition> partitions) {
            sound.pause(partitions);
        }

        @Override
        public void resume(Set<TopicPartition> partitions) {
            sound.resume(partitions);
        }

        @Override
        public void seekAfter(TopicPartition partition, Position position) {
            sound.seekAfter(partition, position);
        }

        @Override
        public void seekTo(TopicPartition partition, Instant time) {
            sound.seekTo(partition, time);
        }

        @Override
        public void seekTo(TopicPartition partition, Subscription.Start start) {
            sound.seekTo(partition, start);
        }

        @Override
        public OptionalLong lag(TopicPartition partition) {
            return sound.lag(partition);
        }

        @Override
        public void wakeup() {
            sound.wakeup();
        }

        @Override
        public void close() {
            sound.close();
        }
    }

    /** Passes everything on; a subclass does not. */
    static class BrokenListener implements AssignmentListener {

        final AssignmentListener sound;

        BrokenListener(AssignmentListener sound) {
            this.sound = sound;
        }

        @Override
        public void onAssigned(List<Assigned> partitions) {
            sound.onAssigned(partitions);
        }

        @Override
        public void onRevoked(Set<TopicPartition> partitions) {
            sound.onRevoked(partitions);
        }

        @Override
        public void onLost(Set<TopicPartition> partitions) {
            sound.onLost(partitions);
        }
    }
}
