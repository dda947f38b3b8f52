package dev.syncline.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.spi.Message;
import dev.syncline.spi.Subscription;
import dev.syncline.spi.Subscription.Start;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Many messages at once. */
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
        consumer.until("all messages", () -> ids(consumer) == PRODUCERS * MESSAGES);
        consumer.untilAssigned(3 * PRODUCERS).acknowledgeAll();

        sendings.forEach(sending -> sending.results(bench.patience));
        assertOrder(consumer, topics);
        consumer.close();
        var next = bench.consumer(subscription).untilAssigned(3 * PRODUCERS);
        next.expectNothingMore();
    }

    private static long ids(ConformanceConsumer consumer) {
        return consumer.received.stream()
                .map(one -> one.message().topic() + '/' + one.message().attribute("id"))
                .distinct()
                .count();
    }

    /** A partition that was lost meanwhile, because the machine had no time for its lease, may have repeated its end. */
    private static void assertOrder(ConformanceConsumer consumer, List<String> topics) {
        var counts = new HashMap<String, Integer>();
        for (var one : consumer.received) {
            var message = one.message();
            var key = message.topic() + '/' + message.key();
            int next = counts.getOrDefault(key, 0);
            if (!consumer.lost.contains(one.partition()) || isNew(message, next)) {
                assertThat(message.attribute("id")).isEqualTo(message.key() + "#" + next);
                counts.put(key, next + 1);
            }
        }
        assertThat(counts)
                .hasSize(topics.size() * KEYS)
                .allSatisfy((key, count) ->
                        assertThat(count).as("messages of %s", key).isEqualTo(MESSAGES / KEYS));
    }

    private static boolean isNew(Message message, int next) {
        var id = message.attribute("id");
        return Integer.parseInt(id.substring(id.lastIndexOf('#') + 1)) >= next;
    }
}
