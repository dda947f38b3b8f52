package dev.syncline.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.syncline.spi.Broker;
import dev.syncline.spi.Message;
import dev.syncline.spi.Subscription;
import dev.syncline.spi.Subscription.Start;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Many messages, and what is left when all is closed. */
abstract class LoadBehaviours extends Behaviours {

    private static final int PRODUCERS = 4;
    private static final int MESSAGES = 2500;
    private static final int BATCH = 125;
    private static final int KEYS = 50;

    LoadBehaviours(Supplier<BrokerFixture> open) {
        super(open);
    }

    /** Four producers with a topic each, one consumer that acknowledges as it goes, all at once. */
    @Test
    void s7_tenThousandMessagesArriveInOrderOfTheirKeys() {
        var topics = new ArrayList<String>();
        var producers = new ArrayList<ConformanceProducer>();
        var messages = new ArrayList<List<Message>>();
        for (int i = 0; i < PRODUCERS; i++) {
            topics.add(bench.topic(3));
            producers.add(bench.producer());
            messages.add(Messages.overKeys(topics.get(i), KEYS, MESSAGES));
        }
        var group = bench.group();
        var subscription = new Subscription(group, Set.copyOf(topics), Start.EARLIEST, "conformance", 500);
        var consumer = bench.consumer(subscription).untilAssigned(3 * PRODUCERS);
        var sendings = new ArrayList<Sending>();

        for (int from = 0; from < MESSAGES; from += BATCH) {
            for (int i = 0; i < PRODUCERS; i++) {
                sendings.add(producers.get(i).send(messages.get(i).subList(from, from + BATCH)));
            }
            consumer.poll();
            consumer.raw().acknowledge(consumer.delivered(consumer.owned));
        }
        consumer.take(PRODUCERS * MESSAGES);
        consumer.acknowledgeAll();

        sendings.forEach(sending -> sending.results(bench.patience));
        assertOrder(consumer, topics);
        consumer.close();
        var next = bench.consumer(subscription).untilAssigned(3 * PRODUCERS);
        next.expectNothingMore();
    }

    private static void assertOrder(ConformanceConsumer consumer, List<String> topics) {
        var counts = new HashMap<String, Integer>();
        for (var one : consumer.received) {
            var message = one.message();
            int number = counts.merge(message.topic() + '/' + message.key(), 1, Integer::sum) - 1;
            assertThat(message.attribute("id")).isEqualTo(message.key() + "#" + number);
        }
        assertThat(counts)
                .hasSize(topics.size() * KEYS)
                .allSatisfy((key, count) ->
                        assertThat(count).as("messages of %s", key).isEqualTo(MESSAGES / KEYS));
    }

    /** On failure the thread that is left is named: whose is it? */
    @Test
    void s23_noThreadIsLeftAfterClose() {
        var topic = bench.topic(1);
        useAndClose(topic, true); // what a client library makes once and keeps is there after this
        var before = liveThreads();

        useAndClose(topic, true);

        assertNoneLeft(before);
    }

    /** A client that is closed ends what it made, also if that was left open. */
    @Test
    void s23_closingAClientEndsWhatItMade() {
        var topic = bench.topic(1);
        useAndClose(topic, false);
        var before = liveThreads();

        useAndClose(topic, false);

        assertNoneLeft(before);
    }

    private void useAndClose(String topic, boolean closeEach) {
        Broker client = bench.client();
        var producer = new ConformanceProducer(bench.patience, client);
        producer.sendAll(Messages.texts(topic, "k", 5));
        var consumer = bench.consumer(
                client, new Subscription(bench.group(), Set.of(topic), Start.EARLIEST, "conformance", 10));
        consumer.take(5);
        if (closeEach) {
            consumer.acknowledgeAll();
            consumer.close();
            producer.close();
        } else {
            consumer.abandon();
        }
        client.close();
    }

    private void assertNoneLeft(Set<Thread> before) {
        await("the end of every thread that was not there before")
                .pollInSameThread()
                .atMost(bench.patience)
                .untilAsserted(() -> {
                    var more = new HashSet<>(liveThreads());
                    more.removeAll(before);
                    assertThat(more).extracting(Thread::getName).isEmpty();
                });
    }

    private static Set<Thread> liveThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isAlive)
                .collect(Collectors.toSet());
    }
}
