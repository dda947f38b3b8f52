package dev.syncline.runtime.internal.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.syncline.api.BrokerException;
import dev.syncline.runtime.Durability;
import dev.syncline.runtime.internal.log.InMemoryEventLog;
import dev.syncline.runtime.internal.log.StoreId;
import dev.syncline.runtime.internal.outbox.Outbox;
import dev.syncline.runtime.internal.outbox.OutboxAlarms;
import dev.syncline.runtime.internal.outbox.OutboxSettings;
import dev.syncline.runtime.internal.outbox.Outgoing;
import dev.syncline.spi.AssignmentListener;
import dev.syncline.spi.BrokerAddress;
import dev.syncline.spi.BrokerConsumer;
import dev.syncline.spi.BrokerConsumer.Acknowledgement;
import dev.syncline.spi.BrokerContext;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.Subscription;
import dev.syncline.spi.Subscription.Start;
import dev.syncline.spi.TopicPartition;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What is local about the local broker; what it shares with all is in the conformance suite. */
class LocalBrokerTest {

    private static final Logger LOCAL_LOG = (Logger) LoggerFactory.getLogger(LocalBrokerTest.class.getPackageName());
    private static final StoreId STORE = new StoreId(3, 4);
    private static final TopicPartition ORDERS = new TopicPartition("orders", 0);

    @TempDir
    private Path directory;

    private InMemoryEventLog log = new InMemoryEventLog(1); // an entry per file
    private Outbox outbox;
    private LocalStore store;
    private LocalBroker broker;
    private int published;
    private long laterNanos;

    @BeforeEach
    void open() {
        LOCAL_LOG.setLevel(Level.OFF);
        open(Durability.PROCESS);
    }

    @AfterEach
    void close() {
        broker.close();
        LOCAL_LOG.setLevel(null);
    }

    private void open(Durability durability) {
        outbox = Outbox.over(
                log,
                STORE,
                OutboxSettings.defaults().withDurability(durability).withRetention(Duration.ZERO, 0),
                InstantSource.system(),
                new OutboxAlarms() {
                    @Override
                    public void onDamaged(long index, String why) {
                        throw new AssertionError(why);
                    }

                    @Override
                    public void onGap(long expectedN, long foundN, long index) {
                        // some tests delete files
                    }
                });
        openBroker(Map.of("topics.partitions", "1", "topics.partitions.many", "8"));
    }

    private void openBroker(Map<String, Object> options) {
        store = LocalStore.open("default", outbox, directory);
        broker = new LocalBroker(context(options), store);
    }

    private static BrokerContext context(Map<String, Object> options) {
        return new BrokerContext("shop", "default", BrokerAddress.parse("local:"), options, InstantSource.system());
    }

    /** The process dies and is started again: nothing is closed. */
    private void kill() {
        log = log.afterKill();
        open(Durability.PROCESS);
    }

    @Nested
    class Published {

        @Test
        void comesFromTheOutboxWithoutASecondAppend() {
            publish("orders", "k");
            long n = outbox.lastN();

            var received = consumer("g", "orders").take(1).get(0);

            assertThat(received.message().attribute("outboxseq")).isEqualTo(STORE + ":1");
            assertThat(received.position()).isEqualTo(new Position(outbox.lastIndex(), 0));
            assertThat(outbox.lastN()).isEqualTo(n);
        }

        @Test
        void entriesOfOtherBrokersAndTopicsAreNotSeen() {
            append("other", "orders", "k");
            publish("stock", "k");
            publish("orders", "k");

            var consumer = consumer("g", "orders");

            assertThat(ids(consumer.take(1))).containsExactly("3");
            consumer.expectNothing();
        }

        /** Handed to the producer it came from elsewhere, and may be handed over again: its number stays its own. */
        @Test
        void s5_whatIsSentKeepsItsSequence() {
            var sent = new Message("orders", "k", Map.of("id", "7", "outboxseq", "elsewhere:9"), Map.of(), null);
            broker.producer().send(List.of(sent), (index, result) -> {});

            var message = consumer("g", "orders").take(1).get(0).message();

            assertThat(message).isEqualTo(sent);
        }

        /** Under DISK nobody gets what a power failure could still take back. */
        @Test
        void s2_isNotDeliveredBeforeItIsForced() {
            broker.close();
            open(Durability.DISK);
            var consumer = consumer("g", "orders");
            consumer.expectNothing();
            log.append(entryNotForced(), 0, entryNotForced().length);

            consumer.expectNothing();
            publish("orders", "k"); // forces both

            assertThat(consumer.take(2)).hasSize(2);
        }

        private byte[] entryNotForced() {
            var other = new InMemoryEventLog();
            var twin = Outbox.over(other, STORE, OutboxSettings.defaults(), InstantSource.system(), new OutboxAlarms() {
                @Override
                public void onDamaged(long index, String why) {
                    throw new AssertionError(why);
                }

                @Override
                public void onGap(long expectedN, long foundN, long index) {
                    throw new AssertionError();
                }
            });
            twin.append(List.of(new Outgoing("default", message("orders", "k", "early"))));
            var reader = other.newReader();
            reader.next();
            return Arrays.copyOfRange(reader.array(), reader.offset(), reader.offset() + reader.length());
        }
    }

    @Nested
    class AfterAKill {

        @Test
        void s9_eachAcknowledgementCountsAtOnce() {
            for (int i = 0; i < 20; i++) {
                publish("orders", "k");
            }
            var consumer = consumer("g", "orders");
            consumer.take(20);
            for (int i = 0; i < 13; i++) {
                consumer.acknowledge(consumer.received.get(i));
            }

            kill();

            assertThat(ids(consumer("g", "orders").take(7))).startsWith("14").hasSize(7);
        }

        @Test
        void s9_positionAndMetadataComeBackAndNeverGoBack() {
            publishMany("orders", 2);
            var consumer = consumer("g", "orders");
            consumer.take(2);
            var low = consumer.received.get(0).position();
            var high = consumer.received.get(1).position();
            consumer.consumer.acknowledge(Map.of(ORDERS, new Acknowledgement(high, "store=abc")));
            consumer.consumer.acknowledge(Map.of(ORDERS, new Acknowledgement(low, "store=old")));

            kill();

            var next = consumer("g", "orders");
            next.expectNothing();
            assertThat(next.assigned.get(ORDERS).metadata()).isEqualTo("store=abc");
            assertThat(next.assigned.get(ORDERS).acknowledged()).isEqualTo(high);
        }

        /** The outbox lost its end in a power failure; its places are given again, to events that nobody has done. */
        @Test
        void s1_positionsAheadOfAnOutboxThatLostItsEndDoNotSkipWhatComes() {
            publish("orders", "k");
            var shorter = log.afterKill();
            publish("orders", "k");
            publish("orders", "k");
            var consumer = consumer("g", "orders");
            consumer.take(3);
            consumer.acknowledge(consumer.received.get(2));

            log = shorter;
            open(Durability.PROCESS);
            publish("orders", "k");
            publish("orders", "k");

            assertThat(ids(consumer("g", "orders").take(2))).containsExactly("4", "5");
        }
    }

    @Nested
    class Retention {

        @Test
        void s1_whatAGroupHasNotAcknowledgedIsKept() {
            publishMany("orders", 10);
            var consumer = consumer("g", "orders");
            consumer.take(10);
            consumer.acknowledge(consumer.received.get(3));
            laterNanos += Duration.ofSeconds(2).toNanos();
            consumer.expectNothing(); // what is needed is looked at once a second

            assertThat(broker.lowestNeeded())
                    .isEqualTo(consumer.received.get(3).position().major());
            retain();

            var next = consumer("h", "orders");
            assertThat(ids(next.take(7))).containsExactly("4", "5", "6", "7", "8", "9", "10");
        }

        @Test
        void s1_alsoWhileNobodyReadsTheGroup() {
            publishMany("orders", 10);
            var consumer = consumer("g", "orders");
            consumer.take(10);
            consumer.acknowledge(consumer.received.get(3));
            consumer.consumer.close();
            retain();
            kill();
            retain();

            assertThat(ids(consumer("g", "orders").take(6))).startsWith("5").hasSize(6);
        }

        /** A partition in which nothing happens does not keep the outbox for ever, nor is it found to have a gap. */
        @Test
        void s18_anIdlePartitionMovesOnOverTheEntriesOfOthers() {
            publish("orders", "k");
            publishMany("stock", 10);
            var consumer = consumer("g", "orders", "stock");
            consumer.take(11);
            consumer.received.forEach(consumer::acknowledge);
            publishMany("prices", 50);
            consumer.expectNothing();
            consumer.consumer.close();

            assertThat(broker.lowestNeeded()).isEqualTo(outbox.lastIndex());
            retain();
            kill();

            var next = consumer("g", "orders", "stock");
            publish("orders", "k");
            assertThat(next.take(1)).hasSize(1);
        }

        @Test
        void s18_seekingBackKeepsWhatIsReadAgain() {
            publishMany("orders", 10);
            var consumer = consumer("g", "orders");
            consumer.take(10);
            consumer.acknowledge(consumer.received.get(9));
            long oldest = outbox.firstIndex();

            consumer.consumer.seekTo(ORDERS, Start.EARLIEST);

            assertThat(broker.lowestNeeded()).isEqualTo(oldest);
        }

        @Test
        void aForgottenGroupNeedsNothing() {
            publishMany("orders", 3);
            var consumer = consumer("g", "orders");
            consumer.take(3);
            consumer.consumer.close();
            assertThat(broker.groups()).containsExactly("g");
            assertThat(broker.lowestNeeded()).isLessThan(Long.MAX_VALUE);

            broker.forgetGroup("g", Duration.ZERO);

            assertThat(broker.groups()).isEmpty();
            assertThat(broker.lowestNeeded()).isEqualTo(Long.MAX_VALUE);
        }

        @Test
        void topicsThatAGroupReadsNoMoreDoNotHoldTheOutbox() {
            publish("orders", "k");
            publishMany("stock", 5);
            var before = consumer("g", "orders", "stock");
            before.take(6);
            before.received.subList(1, 6).forEach(before::acknowledge);
            before.consumer.close();

            consumer("g", "stock").expectNothing();

            assertThat(broker.lowestNeeded()).isEqualTo(outbox.lastIndex());
        }

        private void retain() {
            outbox.retain(broker.lowestNeeded(), Instant.now().plusSeconds(3600));
        }
    }

    @Nested
    class WhenEntriesAreGone {

        @Test
        void s18_oneGapIsToldAndTheOtherPartitionsGoOn() {
            publish("orders", "k");
            publish("stock", "k");
            var first = consumer("g", "orders", "stock");
            first.take(2);
            first.acknowledge(first.received.get(1));
            first.consumer.close();
            publishMany("stock", 3);
            dropBefore(first.received.get(1).position().major() + 1);

            var second = consumer("g", "orders", "stock");
            int refusals = 0;
            for (int i = 0; i < 100 && second.received.size() < 3; i++) {
                try {
                    second.poll();
                } catch (BrokerException refused) {
                    refusals++;
                    assertThat(refused.isRetryable()).isFalse();
                    assertThat(refused).hasMessageContaining("orders-0").hasMessageContaining("nothing was skipped");
                }
            }

            assertThat(refusals).isPositive();
            assertThat(ids(second.received)).containsExactly("3", "4", "5");
        }

        private void dropBefore(long index) {
            log.segments().stream()
                    .filter(segment -> segment.firstIndex() < index)
                    .forEach(segment -> log.dropBefore(segment.endIndex()));
        }
    }

    @Nested
    class Groups {

        @Test
        void aSecondReaderIsToldWhoTheFirstIs() {
            consumer("g", "orders").expectNothing();
            var second = consumer("g", "orders");

            assertThatThrownBy(second::poll)
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining("\"g\"")
                    .hasMessageContaining("member of g")
                    .hasMessageContaining("one reader per group");
        }

        @Test
        void namesOfAnyKindAreKept() {
            for (var name : List.of("shop.billing", "a/b\\c", "..", "*", "\u00fc\u20ac", "CON", "a b%20c")) {
                publish("orders", "k");
                var consumer = consumer(name, "orders");
                consumer.take(1);
                consumer.consumer.close();
            }
            kill();

            assertThat(broker.groups()).hasSize(7).contains("a/b\\c", "..", "*");
        }

        @Test
        void aNameThatNoFileCanHaveIsRefusedAtStart() {
            assertThatThrownBy(() -> broker.check(Set.of(), Set.of("orders"), "g".repeat(300), Duration.ZERO))
                    .isInstanceOf(BrokerException.class)
                    .matches(thrown -> !((BrokerException) thrown).isRetryable());
        }

        @Test
        void anotherNumberOfPartitionsLosesNothing() {
            for (int i = 0; i < 100; i++) {
                publish("many", "k" + i);
            }
            var consumer = consumer("g", "many");
            consumer.take(100);
            consumer.received.subList(0, 60).forEach(consumer::acknowledge);
            var done = new ArrayList<String>();
            consumer.received
                    .subList(0, 60)
                    .forEach(one -> done.add(one.message().attribute("id")));
            broker.close();

            openBroker(Map.of("topics.partitions", "3"));
            var next = consumer("g", "many");
            next.take(40);
            next.expectNothing();

            var all = new ArrayList<>(done);
            all.addAll(ids(next.received));
            assertThat(Set.copyOf(all)).hasSize(100);
        }
    }

    /** Publishers never wait for it and it never misses them. */
    @Test
    void s7_everythingArrivesInOrderWhileManyPublish() throws InterruptedException {
        int threads = 4;
        int each = 2000;
        var started = new CountDownLatch(threads);
        for (int t = 0; t < threads; t++) {
            var key = "t" + t;
            var thread = new Thread(() -> {
                started.countDown();
                for (int i = 0; i < each; i++) {
                    outbox.append(List.of(new Outgoing("default", message("many", key, key + "#" + i))));
                }
            });
            thread.setDaemon(true);
            thread.start();
        }
        started.await();
        var consumer = consumer("g", "many");
        consumer.take(threads * each);

        var next = new HashMap<String, Integer>();
        for (var received : consumer.received) {
            var key = received.message().key();
            int number = next.merge(key, 1, Integer::sum) - 1;
            assertThat(received.message().attribute("id")).isEqualTo(key + "#" + number);
        }
    }

    /** Acknowledgements, seeks, pauses, kills in any order: what was not acknowledged always comes again, in order. */
    @Test
    void s9_anyScheduleRedeliversExactlyWhatWasNotAcknowledged() {
        for (int seed = 0; seed < 60; seed++) {
            new Schedule(seed).run();
        }
    }

    private final class Schedule {

        private final Random random;
        private final String group;
        private final Map<TopicPartition, List<Position>> positions = new HashMap<>();
        private final Map<TopicPartition, Integer> acknowledged = new HashMap<>();
        private final Map<TopicPartition, Integer> next = new HashMap<>();
        private Reader reader;

        Schedule(int seed) {
            random = new Random(seed);
            group = "g" + seed;
            reader = consumer(group, "many");
        }

        void run() {
            deliver();
            for (int step = 0; step < 150; step++) {
                switch (random.nextInt(12)) {
                    case 0, 1, 2 -> publish(random.nextInt(4) == 0 ? "stock" : "many", "k" + random.nextInt(20));
                    case 3, 4, 5, 6 -> deliver();
                    case 7, 8 -> acknowledge();
                    case 9 -> pauseSome();
                    case 10 -> restart(random.nextBoolean());
                    default -> seekBack();
                }
            }
            restart(true);
            do {
                deliver();
            } while (!reader.last.isEmpty());
            acknowledged.keySet().forEach(partition -> acknowledged.put(partition, 0));
            next.forEach((partition, at) ->
                    assertThat(at).isEqualTo(positions.get(partition).size()));
            reader.consumer.close();
            broker.forgetGroup(group, Duration.ZERO);
        }

        private void deliver() {
            reader.poll();
            for (var received : reader.last) {
                var known = positions.computeIfAbsent(received.partition(), none -> new ArrayList<>());
                int at = next.getOrDefault(received.partition(), 0);
                if (at == known.size()) {
                    known.add(received.position());
                }
                assertThat(received.position()).as("%s", received.partition()).isEqualTo(known.get(at));
                next.put(received.partition(), at + 1);
            }
        }

        private void acknowledge() {
            next.forEach((partition, at) -> {
                if (at > 0 && random.nextBoolean()) {
                    int upTo = 1 + random.nextInt(at);
                    reader.consumer.acknowledge(Map.of(
                            partition,
                            new Acknowledgement(positions.get(partition).get(upTo - 1), "")));
                    acknowledged.merge(partition, upTo, Math::max);
                }
            });
        }

        private void pauseSome() {
            for (var partition : reader.assigned.keySet()) {
                if (random.nextInt(3) == 0) {
                    reader.consumer.pause(Set.of(partition));
                } else {
                    reader.consumer.resume(Set.of(partition));
                }
            }
        }

        private void seekBack() {
            next.replaceAll((partition, at) -> {
                if (at == 0 || random.nextInt(3) > 0) {
                    return at;
                }
                int to = random.nextInt(at);
                reader.consumer.seekAfter(partition, positions.get(partition).get(to));
                return to + 1;
            });
        }

        private void restart(boolean kill) {
            if (kill) {
                kill();
            } else {
                reader.consumer.close();
            }
            reader = consumer(group, "many");
            next.replaceAll((partition, at) -> acknowledged.getOrDefault(partition, 0));
            deliver();
        }
    }

    // --- tools

    private void publishMany(String topic, int count) {
        for (int i = 0; i < count; i++) {
            publish(topic, "k");
        }
    }

    private void publish(String topic, String key) {
        append("default", topic, key);
    }

    private void append(String to, String topic, String key) {
        outbox.append(List.of(new Outgoing(to, message(topic, key, String.valueOf(++published)))));
    }

    private static Message message(String topic, String key, String id) {
        return new Message(topic, key, Map.of("id", id), Map.of(), Bytes.utf8(id));
    }

    private Reader consumer(String group, String... topics) {
        var subscription = new Subscription(group, Set.of(topics), Start.EARLIEST, "member of " + group, 50);
        return new Reader(listener ->
                new LocalConsumer(broker, store, subscription, listener, () -> System.nanoTime() + laterNanos));
    }

    private static List<String> ids(List<Received> received) {
        return received.stream().map(one -> one.message().attribute("id")).toList();
    }

    private static final class Reader implements AssignmentListener {

        private final List<Received> received = new ArrayList<>();
        private final Map<TopicPartition, Assigned> assigned = new HashMap<>();
        private final BrokerConsumer consumer;
        private List<Received> last = new ArrayList<>();

        Reader(Function<AssignmentListener, BrokerConsumer> open) {
            consumer = open.apply(this);
        }

        void poll() {
            last = new ArrayList<>();
            consumer.poll(Duration.ZERO, one -> {
                received.add(one);
                last.add(one);
            });
        }

        List<Received> take(int count) {
            long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (received.size() < count) {
                assertThat(System.nanoTime())
                        .as("%d of %d came in time", received.size(), count)
                        .isLessThan(end);
                consumer.poll(Duration.ofMillis(100), received::add);
            }
            return received.subList(0, count);
        }

        void expectNothing() {
            for (int i = 0; i < 5; i++) {
                poll();
                assertThat(last).isEmpty();
            }
        }

        void acknowledge(Received one) {
            consumer.acknowledge(Map.of(one.partition(), new Acknowledgement(one.position(), "")));
        }

        @Override
        public void onAssigned(List<Assigned> partitions) {
            partitions.forEach(one -> assigned.put(one.partition(), one));
        }

        @Override
        public void onRevoked(Set<TopicPartition> partitions) {
            assigned.keySet().removeAll(partitions);
        }

        @Override
        public void onLost(Set<TopicPartition> partitions) {
            throw new AssertionError("local loses nothing");
        }
    }
}
