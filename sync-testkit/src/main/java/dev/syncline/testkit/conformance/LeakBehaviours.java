package dev.syncline.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.syncline.spi.Broker;
import dev.syncline.spi.Subscription;
import dev.syncline.spi.Subscription.Start;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What is left when all is closed: no thread. */
@ResourceLock(Behaviours.SERVER) // nobody else may start a thread meanwhile
abstract class LeakBehaviours extends Behaviours {

    /** Threads that the JVM and the test engine start and end as they like. */
    private static final List<String> OF_NOBODY = List.of("ForkJoinPool.commonPool", "junit-");

    LeakBehaviours(Supplier<BrokerFixture> open) {
        super(open);
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
                .filter(thread -> OF_NOBODY.stream().noneMatch(thread.getName()::startsWith))
                .filter(Thread::isAlive)
                .collect(Collectors.toSet());
    }
}
