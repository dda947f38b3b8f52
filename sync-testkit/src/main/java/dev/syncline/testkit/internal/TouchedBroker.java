package dev.syncline.testkit.internal;

import dev.syncline.spi.AssignmentListener;
import dev.syncline.spi.Broker;
import dev.syncline.spi.BrokerConsumer;
import dev.syncline.spi.BrokerContext;
import dev.syncline.spi.BrokerProducer;
import dev.syncline.spi.BrokerProvider;
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

/** A broker as one process reaches it: whatever it asks for is a place where it may die. */
public final class TouchedBroker implements BrokerProvider {

    private final BrokerProvider server;
    private final Life life;
    private final AcknowledgeListener listener;

    /** The way of a process to a server. */
    public TouchedBroker(BrokerProvider server, Life life, AcknowledgeListener listener) {
        this.server = server;
        this.life = life;
        this.listener = listener;
    }

    /** Hears what is acknowledged, before the broker does. */
    public interface AcknowledgeListener {

        /** A group says that it is done up to there. */
        void onAcknowledge(String group, TopicPartition partition, Position position);
    }

    @Override
    public Set<String> schemes() {
        return server.schemes();
    }

    @Override
    public Broker open(BrokerContext context) {
        return new Touched(server.open(context));
    }

    private final class Touched implements Broker {

        private final Broker broker;

        Touched(Broker broker) {
            this.broker = broker;
        }

        @Override
        public Capabilities capabilities() {
            return broker.capabilities();
        }

        @Override
        public void check(Set<String> publish, Set<String> subscribe, String group, Duration atMost) {
            life.touch("broker.check", () -> broker.check(publish, subscribe, group, atMost));
        }

        @Override
        public BrokerProducer producer() {
            var producer = broker.producer();
            return new BrokerProducer() {
                @Override
                public void send(List<Message> batch, SendListener results) {
                    life.touch("producer.send", () -> producer.send(batch, results));
                }

                @Override
                public void close() {
                    life.touch("producer.close", producer::close);
                }
            };
        }

        @Override
        public BrokerConsumer consumer(Subscription subscription, AssignmentListener assignment) {
            return new TouchedConsumer(broker.consumer(subscription, assignment), subscription.group());
        }

        @Override
        public void forgetGroup(String group, Duration atMost) {
            life.touch("broker.forget", () -> broker.forgetGroup(group, atMost));
        }

        @Override
        public void close() {
            broker.close(); // also by the end of a process: then its connections break
        }
    }

    private final class TouchedConsumer implements BrokerConsumer {

        private final BrokerConsumer consumer;
        private final String group;

        TouchedConsumer(BrokerConsumer consumer, String group) {
            this.consumer = consumer;
            this.group = group;
        }

        @Override
        public void poll(Duration atMost, Consumer<Received> sink) {
            life.touch("consumer.poll", () -> consumer.poll(atMost, sink));
        }

        @Override
        public void acknowledge(Map<TopicPartition, Acknowledgement> positions) {
            life.touch("consumer.acknowledge", () -> {
                tell(positions);
                consumer.acknowledge(positions);
            });
        }

        @Override
        public boolean acknowledgeNow(Map<TopicPartition, Acknowledgement> positions, Duration atMost) {
            return life.touch("consumer.acknowledge", () -> {
                tell(positions);
                return consumer.acknowledgeNow(positions, atMost);
            });
        }

        private void tell(Map<TopicPartition, Acknowledgement> positions) {
            positions.forEach((partition, position) -> listener.onAcknowledge(group, partition, position.position()));
        }

        @Override
        public void pause(Set<TopicPartition> partitions) {
            consumer.pause(partitions);
        }

        @Override
        public void resume(Set<TopicPartition> partitions) {
            consumer.resume(partitions);
        }

        @Override
        public void seekAfter(TopicPartition partition, Position position) {
            consumer.seekAfter(partition, position);
        }

        @Override
        public void seekTo(TopicPartition partition, Instant time) {
            consumer.seekTo(partition, time);
        }

        @Override
        public void seekTo(TopicPartition partition, Subscription.Start start) {
            consumer.seekTo(partition, start);
        }

        @Override
        public OptionalLong lag(TopicPartition partition) {
            return consumer.lag(partition);
        }

        @Override
        public void wakeup() {
            if (!life.isDead()) {
                consumer.wakeup();
            }
        }

        @Override
        public void close() {
            life.touch("consumer.close", consumer::close);
        }
    }
}
