package dev.syncline.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.spi.Message;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Waiting, being woken, and the end. */
abstract class WakeupBehaviours extends Behaviours {

    /** How long the helping thread looks for the other one to wait; a client in native code never seems to. */
    private static final Duration LOOK = Duration.ofMillis(500);

    WakeupBehaviours(Supplier<BrokerFixture> open) {
        super(open);
    }

    @Test
    void wakeupEndsAWaitingPoll() {
        var consumer = bench.consumer(bench.group(), bench.topic(1)).untilAssigned(1);

        var helper = onceThisThreadWaits(consumer.raw()::wakeup);
        assertEndsEarly(consumer);

        helper.join();
    }

    @Test
    void wakeupBeforeAPollEndsThatPoll() {
        var consumer = bench.consumer(bench.group(), bench.topic(1)).untilAssigned(1);

        consumer.raw().wakeup();

        assertEndsEarly(consumer);
    }

    /** A wakeup is used up by the poll that it ended, and loses nothing. */
    @Test
    void afterAWakeupPollsGoOn() {
        var topic = bench.topic(1);
        var consumer = bench.consumer(bench.group(), topic).untilAssigned(1);
        consumer.raw().wakeup();
        consumer.poll();
        bench.producer().sendAll(Messages.texts(topic, "k", 20));
        for (int i = 0; i < 5; i++) {
            consumer.raw().wakeup();
            consumer.poll();
        }

        assertThat(Messages.ids(consumer.take(20)))
                .containsExactlyElementsOf(Messages.idsOf(Messages.texts(topic, "k", 20)));
    }

    /** How a runtime stops: it wakes its polling thread, which then closes. */
    @Test
    void wakenedConsumerCloses() {
        var consumer = bench.consumer(bench.group(), bench.topic(2)).untilAssigned(2);

        var helper = onceThisThreadWaits(consumer.raw()::wakeup);
        assertEndsEarly(consumer);
        long before = System.nanoTime();
        consumer.close();

        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
        helper.join();
    }

    @Test
    void messageReachesAWaitingPoll() {
        var topic = bench.topic(1);
        var consumer = bench.consumer(bench.group(), topic).untilAssigned(1);
        var producer = bench.producer();
        List<Message> messages = Messages.texts(topic, "k", 1);

        var helper = onceThisThreadWaits(() -> producer.sendAll(messages));
        assertEndsEarly(consumer);

        helper.join();
        // the poll may have ended for another reason, but then the message is next
        assertThat(Messages.ids(consumer.take(1))).containsExactly("k#0");
    }

    @Test
    void closingTwiceIsClosingOnce() {
        var client = bench.client();
        var consumer = bench.consumer(bench.group(), bench.topic(1)).untilAssigned(1);
        var producer = client.producer();

        consumer.close();
        consumer.raw().close();
        producer.close();
        producer.close();
        client.close();
        client.close();
    }

    @Test
    void closedConsumerRefusesEveryCall() {
        var topic = bench.topic(1);
        var consumer = bench.consumer(bench.group(), topic).untilAssigned(1);
        var partition = Set.copyOf(consumer.owned);
        consumer.close();

        assertThatThrownBy(() -> consumer.raw().poll(Duration.ZERO, received -> {}))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> consumer.raw().pause(partition)).isInstanceOf(IllegalStateException.class);
        consumer.raw().wakeup(); // from any thread at any time, so never refused
    }

    private void assertEndsEarly(ConformanceConsumer consumer) {
        long before = System.nanoTime();
        consumer.poll(bench.patience);
        assertThat(Duration.ofNanos(System.nanoTime() - before))
                .as("how long a poll of %s took that something ended early", bench.patience)
                .isLessThan(bench.patience.dividedBy(2));
    }

    /** Does something on another thread, as soon as this one waits. */
    private static CompletableFuture<Void> onceThisThreadWaits(Runnable action) {
        var waiting = Thread.currentThread();
        Runnable helper = () -> {
            var left = Patience.of(LOOK);
            while (!left.isOver() && !isWaiting(waiting)) {
                Thread.onSpinWait();
            }
            action.run();
        };
        // not the common pool: it has one thread on two cores, and client libraries connect on it
        return CompletableFuture.runAsync(helper, task -> new Thread(task, "conformance-helper").start());
    }

    private static boolean isWaiting(Thread thread) {
        return thread.getState() == Thread.State.TIMED_WAITING || thread.getState() == Thread.State.WAITING;
    }
}
