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
import java.util.HashSet;
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

    private final Set<String> arrivedIds = new HashSet<>();

    /** Odds of faults, in thousandths per message. */
    int failures;

    int ambiguities;
    int refusals;
    int silences;

    /** All sends fail. */
    boolean isAway;

    /** Larger messages are refused for good. */
    int maxBytes = Integer.MAX_VALUE;

    /** Topics whose messages are not answered. */
    Set<String> silent = Set.of();

    /** Topics whose messages fail, and may be sent again. */
    Set<String> failing = Set.of();

    /** It has lost everything, and says so to the first that sends. */
    boolean hasLostAll;

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

    /** Whether nothing is under way that could move by itself. */
    boolean isIdle() {
        return producers.stream().allMatch(SimProducer::isIdle);
    }

    /** Ids of what arrived of a topic, in the order of arrival per partition. */
    List<String> ids(String topic) {
        return arrived.entrySet().stream()
                .filter(each -> each.getKey().topic().equals(topic))
                .flatMap(each -> each.getValue().stream())
                .map(message -> message.attribute("id"))
                .toList();
    }

    boolean hasArrived(String topic, String id) {
        return arrivedIds.contains(topic + ' ' + id);
    }

    /** Messages handed over that were not answered. */
    int unanswered() {
        return producers.stream().mapToInt(SimProducer::unanswered).sum();
    }

    /** The process that made the producers is dead: a part of what it had handed over still arrives, without answers. */
    void crash() {
        producers.forEach(SimProducer::crash);
        producers.clear();
    }

    /** It dies and comes back empty: connections are gone, and with them what was on its way. */
    void loseAll() {
        arrived.clear();
        arrivedIds.clear();
        producers.forEach(SimProducer::cut);
    }

    /** No faults any more. */
    void heal() {
        failures = 0;
        ambiguities = 0;
        refusals = 0;
        silences = 0;
        isAway = false;
        denied = Set.of();
        failing = Set.of();
        silent = Set.of();
        maxBytes = Integer.MAX_VALUE;
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

        Lane(TopicPartition partition, boolean isBroken) {
            this.partition = partition;
            this.isBroken = isBroken;
        }

        boolean isStopped() {
            return isSilent || silent.contains(partition.topic());
        }

        void arrive(Message message) {
            arrived.computeIfAbsent(partition, none -> new ArrayList<>()).add(message);
            arrivedIds.add(partition.topic() + ' ' + message.attribute("id"));
        }

        void step() {
            if (!answers.isEmpty() && random.nextBoolean()) {
                answers.remove().run();
            } else if (!handedOver.isEmpty() && !isStopped()) {
                send(handedOver.remove());
            }
        }

        private void send(Sending next) {
            var data = next.message().data();
            if (hasLostAll) {
                hasLostAll = false;
                isBroken = true;
                answers.add(() -> next.answer(new SendResult.Failed(BrokerException.dataLost("lost", null))));
            } else if (isBroken) {
                answers.add(() -> next.answer(new SendResult.NotAttempted()));
            } else if (data != null && data.length() > maxBytes) {
                isBroken = true;
                answers.add(
                        () -> next.answer(new SendResult.Failed(BrokerException.refusedMessage("too large", null))));
            } else if (denied.contains(partition.topic()) || odds(refusals)) {
                isBroken = true;
                answers.add(() -> next.answer(new SendResult.Failed(BrokerException.refused("refused", null))));
            } else if (isAway || failing.contains(partition.topic()) || odds(failures)) {
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

        void lose() {
            isBroken = true;
            isSilent = false;
            handedOver.forEach(sending -> answers.add(
                    () -> sending.answer(new SendResult.Failed(BrokerException.retryable("connection lost", null)))));
            handedOver.clear();
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
        private boolean isCut;

        @Override
        public void send(List<Message> batch, SendListener listener) {
            for (int i = 0; i < batch.size(); i++) {
                var message = batch.get(i);
                if (isClosed) {
                    listener.onResult(i, new SendResult.NotAttempted());
                } else {
                    lanes.computeIfAbsent(partition(message), partition -> new Lane(partition, isCut))
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

        boolean isIdle() {
            return lanes.values().stream()
                    .allMatch(lane -> lane.answers.isEmpty() && (lane.handedOver.isEmpty() || lane.isStopped()));
        }

        int unanswered() {
            return lanes.values().stream()
                    .mapToInt(lane -> lane.answers.size() + lane.handedOver.size())
                    .sum();
        }

        void cut() {
            isCut = true;
            lanes.values().forEach(Lane::lose);
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
