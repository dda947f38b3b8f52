package dev.syncline.broker.kafka;

import dev.syncline.api.BrokerException;
import dev.syncline.spi.BrokerProducer;
import dev.syncline.spi.Message;
import dev.syncline.spi.Position;
import dev.syncline.spi.SendResult;
import dev.syncline.spi.TopicPartition;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends through one {@code KafkaProducer}, which is never allowed to wait: a message is handed to it only when its
 * topic is known there, and waits here until then.
 *
 * <p>{@link SendLane} keeps the order of each partition. When a message fails while others of its partition are with
 * the client, the client is closed on the spot, on its own thread and before it can send them: so a producer may end by
 * itself, all that it had is answered then, and what comes later is {@link SendResult.NotAttempted}.
 *
 * <p>Threading: {@link #send} runs on the relay's thread, answers come on the client's, topics become known on the
 * admin client's. One lock guards the state; nobody is called while it is held but Kafka's client, which does not wait.
 */
final class KafkaBrokerProducer implements BrokerProducer {

    private static final Logger log = LoggerFactory.getLogger(KafkaBrokerProducer.class);

    /** As many messages of a partition are handed over before it is another one's turn. */
    private static final int TURN = 100;

    /** The client learns of a topic that exists within a round trip. */
    private static final Duration CLIENT_LEARNS = Duration.ofMillis(5);

    private final Supplier<Producer<byte[], byte[]>> clients;
    private final Supplier<Admin> admin;
    private final KafkaFailures failures;
    private final boolean createsTopics;
    private final long maxBytesUnderWay;
    private final Consumer<KafkaBrokerProducer> onClosed;
    private final SendResults results = new SendResults();

    private final Object lock = new Object();
    private final Map<TopicPartition, SendLane> lanes = new LinkedHashMap<>();
    private final Map<String, UnknownTopic> unknown = new HashMap<>();
    private final Map<String, Integer> turns = new HashMap<>();
    private @Nullable Producer<byte[], byte[]> client;
    private @Nullable BrokerException ended;
    private long bytesUnderWay;
    private boolean isFull;
    private boolean closed;

    /** Messages that wait for their topic; none once the broker refused it. */
    private static final class UnknownTopic {
        final Deque<SendEntry> waiting = new ArrayDeque<>();
        boolean refused;
    }

    /**
     * Nothing is connected before the first message.
     *
     * @param clients makes Kafka's producer
     * @param admin hands out the admin client that all share
     * @param buffer bytes that Kafka's producer may hold
     * @param onClosed told when this one is closed
     */
    KafkaBrokerProducer(
            Supplier<Producer<byte[], byte[]>> clients,
            Supplier<Admin> admin,
            KafkaFailures failures,
            boolean createsTopics,
            long buffer,
            Consumer<KafkaBrokerProducer> onClosed) {
        this.clients = clients;
        this.admin = admin;
        this.failures = failures;
        this.createsTopics = createsTopics;
        this.maxBytesUnderWay = buffer / 2;
        this.onClosed = onClosed;
    }

    @Override
    public void send(List<Message> batch, SendListener listener) {
        var lookups = new ArrayList<String>();
        synchronized (lock) {
            turns.replaceAll((topic, turn) -> turn + 1);
            var counts = new HashMap<String, Integer>();
            for (int index = 0; index < batch.size(); index++) {
                var message = batch.get(index);
                var entry = new SendEntry(message, index, listener);
                if (closed || ended != null) {
                    results.add(entry, new SendResult.NotAttempted());
                    continue;
                }
                int partitions = counts.computeIfAbsent(message.topic(), this::partitions);
                if (ended != null) {
                    results.add(entry, new SendResult.Failed(ended));
                } else if (partitions > 0) {
                    lane(entry, partitions).add(entry, results);
                } else if (await(entry)) {
                    lookups.add(message.topic());
                }
            }
            pump();
        }
        for (var topic : lookups) {
            new TopicLookup(admin, topic).ask((failure, isFinal) -> onTopic(topic, failure, isFinal));
        }
        results.deliver();
    }

    /** Lets it wait for its topic; returns whether it is the first to do so. */
    private boolean await(SendEntry entry) {
        var topic = unknown.get(entry.message.topic());
        if (topic == null) {
            topic = new UnknownTopic();
            unknown.put(entry.message.topic(), topic);
            topic.waiting.add(entry);
            return true;
        }
        if (topic.refused) {
            results.add(entry, new SendResult.NotAttempted());
        } else {
            topic.waiting.add(entry);
        }
        return false;
    }

    private SendLane lane(SendEntry entry, int partitions) {
        var partition = new TopicPartition(entry.message.topic(), partition(entry, partitions));
        return lanes.computeIfAbsent(partition, unused -> new SendLane());
    }

    /** As Kafka's default partitioner does, so that producers of any kind agree; without a key by turns. */
    private int partition(SendEntry entry, int partitions) {
        int number =
                entry.key == null ? turns.computeIfAbsent(entry.message.topic(), topic -> 0) : Utils.murmur2(entry.key);
        return (number & 0x7fffffff) % partitions;
    }

    /** How many partitions the client knows of; 0 if it does not know the topic yet, and then it goes and asks. */
    private int partitions(String topic) {
        return unknown.containsKey(topic) ? 0 : known(topic);
    }

    private int known(String topic) {
        try {
            if (client == null) {
                client = clients.get();
            }
        } catch (KafkaException unmade) {
            end(String.valueOf(failures.unmade(unmade).getMessage()), unmade);
            return 0;
        }
        try {
            return client.partitionsFor(topic).size();
        } catch (KafkaException notYet) {
            return 0; // which of all the reasons it is, the lookup says
        }
    }

    private @Nullable Duration onTopic(String topic, @Nullable Throwable failure, boolean isFinal) {
        var again = look(topic, failure, isFinal);
        results.deliver();
        return again;
    }

    private @Nullable Duration look(String topic, @Nullable Throwable failure, boolean isFinal) {
        synchronized (lock) {
            var found = unknown.get(topic);
            if (found == null || closed || ended != null) {
                return null;
            } else if (failure != null && isFinal) {
                refuse(topic, found, failure);
                return null;
            } else if (failure != null) {
                return TopicLookup.PAUSE;
            }
            int partitions = known(topic);
            if (partitions == 0) {
                return CLIENT_LEARNS; // the topic is there, and the client is being told
            }
            unknown.remove(topic);
            found.waiting.forEach(entry -> lane(entry, partitions).add(entry, results));
            pump();
            return null;
        }
    }

    private void refuse(String topic, UnknownTopic found, Throwable failure) {
        found.refused = true;
        var reason = failure instanceof UnknownTopicOrPartitionException
                ? failures.missing(topic, createsTopics, failure)
                : failures.ofMessage(failure, topic);
        var first = found.waiting.remove();
        results.add(first, new SendResult.Failed(reason));
        found.waiting.forEach(entry -> results.add(entry, new SendResult.NotAttempted()));
        found.waiting.clear();
    }

    /** Hands over what may go. Goes round, so that a partition with much to send leaves room for the others. */
    private void pump() {
        boolean moved = true;
        while (moved) {
            moved = false;
            for (var at : lanes.entrySet()) {
                moved |= pump(at.getKey(), at.getValue());
            }
        }
    }

    private boolean pump(TopicPartition partition, SendLane lane) {
        int handedOver = 0;
        while (handedOver < TURN && handOver(partition, lane)) {
            handedOver++;
        }
        return handedOver == TURN;
    }

    private boolean handOver(TopicPartition partition, SendLane lane) {
        if (isFull || ended != null || closed || client == null) {
            return false;
        } else if (bytesUnderWay >= maxBytesUnderWay) {
            isFull = true;
            return false;
        }
        var entry = lane.next();
        if (entry == null) {
            return false;
        }
        var handOver = new HandOver(partition, lane, entry);
        try {
            var unused = client.send(KafkaRecords.record(entry.message, partition.partition(), entry.key), handOver);
        } catch (KafkaException | IllegalStateException broken) {
            handOver.refusal = broken;
        }
        handOver.isOver = true;
        var refusal = handOver.refusal;
        if (refusal == null) {
            bytesUnderWay += entry.message.size();
            return true;
        }
        if (refusal instanceof TimeoutException || refusal instanceof InterruptException) {
            // no room in the client, or the topic slipped its mind: nothing was taken
            lane.giveBack(entry);
            isFull = true;
            TopicLookup.later(TopicLookup.PAUSE, this::onRoom);
        } else {
            lane.failed(entry, failures.ofMessage(refusal, partition.topic()), results);
        }
        return false;
    }

    private void onRoom() {
        synchronized (lock) {
            isFull = false;
            pump();
        }
        results.deliver();
    }

    private void onAnswer(HandOver answered, RecordMetadata metadata, @Nullable Exception failure) {
        synchronized (lock) {
            var entry = answered.entry;
            var lane = answered.lane;
            bytesUnderWay -= entry.message.size();
            if (entry.outcome != null) {
                return; // the producer was closed, and said so
            }
            if (failure == null) {
                lane.confirmed(entry, new SendResult.Sent(answered.partition, Position.of(metadata.offset())), results);
            } else if (closed || ended != null) {
                lane.failed(entry, ended == null ? abandoned() : ended, results);
            } else if (lane.failed(entry, failures.ofMessage(failure, answered.partition.topic()), results)) {
                end("it was ended, since a message to " + answered.partition + " failed", failure);
            }
            if (isFull) {
                isFull = false;
                pump();
            } else {
                while (pump(answered.partition, lane)) {
                    // until the lane has enough under way
                }
            }
        }
        results.deliver();
    }

    /** Keeps the client from sending anything more. On the client's own thread, or before there is one. */
    private void end(String why, Throwable cause) {
        ended = BrokerException.retryable("this producer sends nothing more: " + why, cause);
        lanes.values().forEach(lane -> lane.halt(results));
        unknown.values().forEach(topic -> {
            topic.waiting.forEach(entry -> results.add(entry, new SendResult.NotAttempted()));
            topic.waiting.clear();
        });
        if (client != null) {
            client.close(Duration.ZERO);
        }
    }

    @Override
    public void close() {
        Producer<byte[], byte[]> open;
        synchronized (lock) {
            if (!closed) {
                closed = true;
                lanes.values().forEach(lane -> lane.halt(results));
            }
            open = client;
        }
        if (open != null) {
            closeNow(open);
        }
        synchronized (lock) {
            lanes.values().forEach(lane -> lane.abandon(abandoned(), results));
            unknown.values().forEach(topic -> {
                topic.waiting.forEach(entry -> results.add(entry, new SendResult.NotAttempted()));
                topic.waiting.clear();
            });
        }
        results.finish();
        onClosed.accept(this);
    }

    private static BrokerException abandoned() {
        return BrokerException.retryable("the producer was closed before the broker answered", null);
    }

    /** Waits for the client's thread to end, which does not wait for the broker; whoever interrupts waits as well. */
    private static void closeNow(Producer<byte[], byte[]> client) {
        boolean interrupted = Thread.interrupted();
        try {
            client.close(Duration.ZERO);
        } catch (InterruptException noted) {
            interrupted = true;
        } catch (KafkaException unclean) {
            log.warn("Closing the Kafka producer failed: {}", unclean.toString());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Takes what the client says of one message: at once, when it does not take it, or later on the client's thread. */
    private final class HandOver implements Callback {

        final TopicPartition partition;
        final SendLane lane;
        final SendEntry entry;
        boolean isOver;

        @Nullable
        Exception refusal;

        HandOver(TopicPartition partition, SendLane lane, SendEntry entry) {
            this.partition = partition;
            this.lane = lane;
            this.entry = entry;
        }

        @Override
        public void onCompletion(RecordMetadata metadata, @Nullable Exception failure) {
            synchronized (lock) {
                if (!isOver) {
                    refusal = failure; // we are inside of send()
                    return;
                }
            }
            onAnswer(this, metadata, failure);
        }
    }
}
