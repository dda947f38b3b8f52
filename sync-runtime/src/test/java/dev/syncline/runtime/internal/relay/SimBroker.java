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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * A broker whose producers keep the contract of {@code BrokerProducer} and no more: what arrives of a producer and
 * partition is the beginning of what was handed over; answers come late, in order per partition, interleaved over
 * partitions; after the first failure of a partition nothing of it is sent. Nothing happens but in {@link #step}.
 */
final class SimBroker implements Broker {

    /** Messages as they arrived. */
    final Map<TopicPartition, List<Message>> arrived = new LinkedHashMap<>();

    /** Odds of faults, in thousandths per message. */
    int failures;

    int ambiguities;
    int refusals;
    int silences;

    /** All sends fail. */
    boolean isAway;

    /** Topics that are refused for good. */
    Set<String> denied = Set.of();

    int producersMade;
    int producersOpen;

    private final Random random;
    private final int partitions;
    private final List<SimProducer> producers = new ArrayList<>();

    SimBroker(Random random, int partitions) {
        this.random = random;
        this.partitions = partitions;
    }

    /** Something happens to one of the producers. */
    void step() {
        if (!producers.isEmpty()) {
            producers.get(random.nextInt(producers.size())).step();
        }
    }

    /** The process that made the producers is dead: a part of what it had handed over still arrives, without answers. */
    void crash() {
        producers.forEach(SimProducer::crash);
        producers.clear();
    }

    /** No faults any more. */
    void heal() {
        failures = 0;
        ambiguities = 0;
        refusals = 0;
        silences = 0;
        isAway = false;
        denied = Set.of();
    }

    @Override
    public BrokerProducer producer() {
        var producer = new SimProducer();
        producers.add(producer);
        producersMade++;
        producersOpen++;
        return producer;
    }

    private TopicPartition partition(Message message) {
        return new TopicPartition(message.topic(), Math.floorMod(message.key().hashCode(), partitions));
    }

    private record Sending(Message message, int index, BrokerProducer.SendListener listener) {
        void answer(SendResult result) {
            listener.onResult(index, result);
        }
    }

    private final class Lane {
        final TopicPartition partition;
        final ArrayDeque<Sending> handedOver = new ArrayDeque<>();
        final ArrayDeque<Runnable> answers = new ArrayDeque<>();
        boolean isBroken;
        boolean isSilent;

        Lane(TopicPartition partition) {
            this.partition = partition;
        }

        void arrive(Message message) {
            arrived.computeIfAbsent(partition, none -> new ArrayList<>()).add(message);
        }

        void step() {
            if (!answers.isEmpty() && random.nextBoolean()) {
                answers.remove().run();
            } else if (!handedOver.isEmpty() && !isSilent) {
                send(handedOver.remove());
            }
        }

        private void send(Sending next) {
            if (isBroken) {
                answers.add(() -> next.answer(new SendResult.NotAttempted()));
            } else if (denied.contains(partition.topic()) || odds(refusals)) {
                isBroken = true;
                answers.add(() -> next.answer(new SendResult.Failed(BrokerException.refused("refused", null))));
            } else if (isAway || odds(failures)) {
                isBroken = true;
                answers.add(() -> next.answer(new SendResult.Failed(BrokerException.retryable("away", null))));
            } else if (odds(ambiguities)) {
                isBroken = true;
                loseAnswers(next);
            } else if (odds(silences)) {
                isSilent = true;
                handedOver.addFirst(next);
            } else {
                arrive(next.message());
                var position = Position.of(arrived.get(partition).size());
                answers.add(() -> next.answer(new SendResult.Sent(partition, position)));
            }
        }

        /** The answer is lost, and with it those of what was on its way: a part of them arrived. */
        private void loseAnswers(Sending first) {
            var onTheirWay = new ArrayList<Sending>();
            onTheirWay.add(first);
            for (int more = random.nextInt(4); more > 0 && !handedOver.isEmpty(); more--) {
                onTheirWay.add(handedOver.remove());
            }
            int arriving = random.nextInt(onTheirWay.size() + 1);
            onTheirWay.subList(0, arriving).forEach(sending -> arrive(sending.message()));
            onTheirWay.forEach(sending -> answers.add(
                    () -> sending.answer(new SendResult.Failed(BrokerException.retryable("answer lost", null)))));
        }

        /** A part of what is under way arrives still. */
        void cut() {
            if (!isBroken && !isAway) {
                for (int arriving = random.nextInt(handedOver.size() + 1); arriving > 0; arriving--) {
                    var sending = handedOver.remove();
                    arrive(sending.message());
                    answers.add(
                            () -> sending.answer(new SendResult.Failed(BrokerException.retryable("abandoned", null))));
                }
            }
            handedOver.forEach(sending -> answers.add(() -> sending.answer(new SendResult.NotAttempted())));
            handedOver.clear();
        }
    }

    private boolean odds(int thousandths) {
        return random.nextInt(1000) < thousandths;
    }

    private final class SimProducer implements BrokerProducer {

        private final Map<TopicPartition, Lane> lanes = new HashMap<>();
        private boolean isClosed;

        @Override
        public void send(List<Message> batch, SendListener listener) {
            for (int i = 0; i < batch.size(); i++) {
                var message = batch.get(i);
                if (isClosed) {
                    listener.onResult(i, new SendResult.NotAttempted());
                } else {
                    lanes.computeIfAbsent(partition(message), Lane::new)
                            .handedOver
                            .add(new Sending(message, i, listener));
                }
            }
        }

        void step() {
            if (!lanes.isEmpty()) {
                List.copyOf(lanes.values()).get(random.nextInt(lanes.size())).step();
            }
        }

        void crash() {
            lanes.values().forEach(Lane::cut);
            producersOpen--;
        }

        @Override
        public void close() {
            if (isClosed) {
                return;
            }
            isClosed = true;
            for (var lane : lanes.values()) {
                lane.cut();
                lane.answers.forEach(Runnable::run);
                lane.answers.clear();
            }
            producers.remove(this);
            producersOpen--;
        }
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
