package dev.syncline.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.spi.Message;
import dev.syncline.spi.SendResult.Sent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** S7: messages of a key stay in the order in which they were sent. */
abstract class OrderBehaviours extends Behaviours {

    /** Keys with their hash, from the tests of Kafka's own clients. */
    private static final Map<String, Integer> MURMUR2 = Map.of(
            "21", -973932308,
            "foobar", -790332482,
            "a-little-bit-long-string", -985981536,
            "a-little-bit-longer-string", -1486304829,
            "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971,
            "abc", 479470107);

    OrderBehaviours(Supplier<BrokerFixture> open) {
        super(open);
    }

    @Test
    void s7_messagesOfAKeyComeInTheOrderSent() {
        var topic = bench.topic(4);
        var messages = Messages.overKeys(topic, 8, 400);
        var producer = bench.producer();
        // several batches on their way at once
        var sendings = new ArrayList<Sending>();
        for (int from = 0; from < messages.size(); from += 40) {
            sendings.add(producer.send(messages.subList(from, from + 40)));
        }
        sendings.forEach(sending -> sending.results(bench.patience));

        var received = bench.consumer(bench.group(), topic).take(400);

        for (int key = 0; key < 8; key++) {
            assertThat(Messages.idsOfKey(received, "k" + key))
                    .containsExactlyElementsOf(Messages.idsOf(Messages.texts(topic, "k" + key, 50)));
        }
    }

    /** Also across keys: a partition is one sequence. */
    @Test
    void s7_messagesOfAPartitionComeInTheOrderSent() {
        var topic = bench.topic(1);
        var messages = Messages.overKeys(topic, 7, 140);
        bench.producer().sendAll(messages);

        var received = bench.consumer(bench.group(), topic).take(140);

        assertThat(Messages.ids(received)).containsExactlyElementsOf(Messages.idsOf(messages));
    }

    @Test
    void s7_equalKeysShareAPartitionWhoeverSends() {
        var topic = bench.topic(5);
        var messages = Messages.overKeys(topic, 20, 60);
        var partitions = new HashMap<String, Integer>();
        var used = new HashSet<Integer>();
        for (int producer = 0; producer < 3; producer++) {
            var sent = bench.producer().sendAll(messages.subList(producer * 20, producer * 20 + 20));
            for (int i = 0; i < 20; i++) {
                int partition = sent.get(i).partition().partition();
                used.add(partition);
                Integer before = partitions.putIfAbsent("k" + i, partition);
                assertThat(partition).as("partition of k%s", i).isEqualTo(before == null ? partition : before);
            }
        }
        assertThat(used).as("partitions that 20 keys use").hasSizeGreaterThan(1);
    }

    /**
     * {@code (murmur2(key) & 0x7fffffff) % partitions}, so that a bridge between two brokers keeps partitions, and
     * producers in other languages meet ours. A broker with a rule of its own at least spreads keys.
     */
    @Test
    void s7_partitionOfAKeyIsTheOneKafkaChooses() {
        int partitions = 7;
        var topic = bench.topic(partitions);
        var keys = List.copyOf(MURMUR2.keySet());
        List<Message> messages =
                keys.stream().map(key -> Messages.text(topic, key, key)).toList();
        var chosen = bench.producer().sendAll(messages).stream()
                .map(Sent::partition)
                .map(partition -> partition.partition())
                .toList();

        if (bench.fixture.hasKafkaPartitions()) {
            assertThat(chosen)
                    .containsExactlyElementsOf(keys.stream()
                            .map(key -> (MURMUR2.getOrDefault(key, 0) & 0x7fffffff) % partitions)
                            .toList());
        } else {
            assertThat(chosen).allMatch(partition -> partition >= 0 && partition < partitions);
            assertThat(new HashSet<>(chosen)).hasSizeGreaterThan(1);
        }
    }

    /** No order is promised, but that each arrives once. */
    @Test
    void messagesWithoutKeyAllArrive() {
        var topic = bench.topic(3);
        var messages = new ArrayList<Message>();
        for (int i = 0; i < 60; i++) {
            messages.add(Messages.text(topic, "", "keyless-" + i));
        }
        bench.producer().sendAll(messages);

        var received = bench.consumer(bench.group(), topic).take(60);

        assertThat(Messages.ids(received)).containsExactlyInAnyOrderElementsOf(Messages.idsOf(messages));
    }
}
