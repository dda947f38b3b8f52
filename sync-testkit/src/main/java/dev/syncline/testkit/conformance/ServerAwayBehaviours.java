package dev.syncline.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.BrokerException;
import dev.syncline.spi.Broker;
import dev.syncline.spi.SendResult.Failed;
import dev.syncline.spi.SendResult.NotAttempted;
import dev.syncline.testkit.conformance.BrokerFixture.Hook;
import java.time.Duration;
import java.util.ArrayList;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * The server is killed and comes back, or stops answering for a while. A broker in the process of its clients is never
 * away: there the tests see that it says so, and what a new process finds after the old one was killed.
 */
@ResourceLock(Behaviours.SERVER)
abstract class ServerAwayBehaviours extends Behaviours {

    /** What a call may take that does not wait for the broker, on a busy machine. */
    private static final Duration AT_ONCE = Duration.ofSeconds(3);

    /** What a close may take: "a few seconds". */
    private static final Duration A_FEW_SECONDS = Duration.ofSeconds(15);

    ServerAwayBehaviours(Supplier<BrokerFixture> open) {
        super(open);
    }

    @Test
    void s1_confirmedMessagesSurviveAKill() {
        if (!canKill()) {
            return;
        }
        var topic = bench.topic(3);
        var messages = Messages.overKeys(topic, 12, 120);
        bench.producer().sendAll(messages);

        bench.killServer();
        bench.fixture.restartServer();

        var received = bench.consumer(bench.group(), topic).take(120);
        assertThat(Messages.ids(received)).containsExactlyInAnyOrderElementsOf(Messages.idsOf(messages));
    }

    @Test
    void s9_acknowledgedPositionSurvivesAKill() {
        if (!canKill()) {
            return;
        }
        var topic = bench.topic(1);
        var group = bench.group();
        bench.producer().sendAll(Messages.texts(topic, "k", 10));
        var first = bench.consumer(group, topic);
        first.acknowledge(first.take(10).get(6), "kept");
        if (!bench.fixture.isEmbedded()) {
            first.close();
        }

        bench.killServer();
        bench.fixture.restartServer();

        var second = bench.consumer(group, topic);
        assertThat(Messages.ids(second.take(3))).containsExactly("k#7", "k#8", "k#9");
        assertThat(second.assignments.values())
                .allSatisfy(assigned -> assertThat(assigned.metadata()).isEqualTo("kept"));
    }

    /** A consumer that was open all the time goes on by itself. */
    @Test
    void l1_openConsumerGoesOnAfterAKill() {
        if (isNeverAway() || !canKill()) {
            return;
        }
        var topic = bench.topic(2);
        var producer = bench.producer();
        producer.sendAll(Messages.overKeys(topic, 8, 16));
        var consumer = bench.consumer(bench.group(), topic);
        consumer.take(16);
        consumer.acknowledgeAll();

        bench.killServer();
        consumer.poll();
        bench.fixture.restartServer();
        producer.insist(producer.send(Messages.texts(topic, "later", 4)));

        consumer.until(
                "the later messages",
                () -> Messages.ids(consumer.received).containsAll(Messages.idsOf(Messages.texts(topic, "later", 4))));
    }

    /** Sent before, during and after: all confirmed in the end, each key in order, whatever was repeated. */
    @Test
    void s7_sendingGoesOnAfterAKillInOrder() {
        if (isNeverAway() || !canKill()) {
            return;
        }
        var topic = bench.topic(2);
        var messages = Messages.overKeys(topic, 6, 600);
        var producer = bench.producer();
        var sendings = new ArrayList<Sending>();
        for (int from = 0; from < 300; from += 20) {
            sendings.add(producer.send(messages.subList(from, from + 20)));
        }
        bench.killServer();
        for (int from = 300; from < 600; from += 20) {
            sendings.add(producer.send(messages.subList(from, from + 20)));
        }
        bench.fixture.restartServer();

        producer.insist(sendings.toArray(Sending[]::new));

        var consumer = bench.consumer(bench.group(), topic);
        consumer.until("all messages", () -> Messages.ids(consumer.received).containsAll(Messages.idsOf(messages)));
        for (int key = 0; key < 6; key++) {
            assertThat(Messages.idsOfKey(consumer.received, "k" + key).stream().distinct())
                    .as("first arrivals of key k%s", key)
                    .containsExactlyElementsOf(Messages.idsOf(Messages.texts(topic, "k" + key, 100)));
        }
    }

    @Test
    void sendingDoesNotWaitForABrokerThatIsAway() {
        if (isNeverAway() || !canKill()) {
            return;
        }
        var topic = bench.topic(1);
        var producer = bench.producer();
        producer.sendAll(Messages.texts(topic, "warm", 1));
        var fresh = bench.client();
        bench.killServer();

        within(
                AT_ONCE,
                "sending by a producer that was connected",
                () -> producer.send(Messages.texts(topic, "k", 50)));
        var neverConnected = within(AT_ONCE, "making a producer", fresh::producer);
        var sending = new Sending(Messages.texts(topic, "n", 50));
        within(AT_ONCE, "sending by a producer that never was", () -> {
            neverConnected.send(Messages.texts(topic, "n", 50), sending);
            return sending;
        });

        within(A_FEW_SECONDS, "closing the producers", () -> {
            producer.close();
            neverConnected.close();
            return producer;
        });
        assertThat(sending.results(Duration.ZERO))
                .allMatch(result -> result instanceof NotAttempted
                        || (result instanceof Failed failed && failed.reason().isRetryable()));
        bench.fixture.restartServer();
    }

    @Test
    void clientsOpenedWhileTheServerIsAwayWorkOnceItIsBack() {
        if (isNeverAway() || !canKill()) {
            return;
        }
        var topic = bench.topic(2);
        bench.killServer();
        var producer = within(AT_ONCE, "opening a producer", bench::producer);
        var consumer = within(AT_ONCE, "opening a consumer", () -> bench.consumer(bench.group(), topic));
        consumer.poll();
        bench.fixture.restartServer();

        producer.insist(producer.send(Messages.texts(topic, "k", 5)));

        consumer.until(
                "the messages",
                () -> Messages.ids(consumer.received).containsAll(Messages.idsOf(Messages.texts(topic, "k", 5))));
    }

    @Test
    void checkSaysThatTheServerIsAway() {
        if (isNeverAway() || !canKill()) {
            return;
        }
        var topic = bench.topic(1);
        var client = bench.client();
        bench.killServer();

        within(
                AT_ONCE.plusSeconds(1),
                "a check of a second",
                () -> assertRetryable(
                        () -> client.check(Set.of(topic), Set.of(topic), bench.group(), Duration.ofSeconds(1))));
        within(
                AT_ONCE.plusSeconds(1),
                "forgetting within a second",
                () -> assertRetryable(() -> client.forgetGroup(bench.group(), Duration.ofSeconds(1))));

        bench.fixture.restartServer();
        untilReachable(client, topic);
    }

    @Test
    void closingDoesNotHangWhileTheServerIsAway() {
        if (isNeverAway() || !canKill()) {
            return;
        }
        var topic = bench.topic(1);
        var client = bench.client();
        var producer = client.producer();
        bench.producer().sendAll(Messages.texts(topic, "k", 3));
        var consumer = bench.consumer(bench.group(), topic);
        consumer.take(3);
        bench.killServer();

        within(A_FEW_SECONDS, "closing a consumer", () -> {
            consumer.close();
            return consumer;
        });
        within(A_FEW_SECONDS, "closing a producer and its client", () -> {
            producer.close();
            client.close();
            return client;
        });
        bench.fixture.restartServer();
    }

    /** What was acknowledged while nobody listened is acknowledged later, unless the partition was lost meanwhile. */
    @Test
    void s9_acknowledgementHandedOverWhileAwayArrivesLater() {
        if (isNeverAway() || !canKill()) {
            return;
        }
        var topic = bench.topic(1);
        var group = bench.group();
        var producer = bench.producer();
        producer.sendAll(Messages.texts(topic, "k", 5));
        var first = bench.consumer(group, topic);
        first.take(5);
        bench.killServer();
        within(AT_ONCE, "acknowledging", () -> {
            first.raw().acknowledge(first.delivered(first.owned));
            return first;
        });
        bench.fixture.restartServer();
        producer.insist(producer.send(Messages.texts(topic, "after", 1)));
        first.until(
                "the message sent afterwards",
                () -> Messages.ids(first.received).contains("after#0"));
        boolean lost = !first.lost.isEmpty();
        first.close();

        var second = bench.consumer(group, topic);

        assertThat(Messages.ids(second.take(1))).startsWith(lost ? "k#0" : "after#0");
    }

    /** Stopped, not dead: connections stay open and nothing comes. */
    @Test
    void l1_clientsGoOnAfterTheServerWasPaused() {
        if (isNeverAway() || !can(Hook.PAUSE_SERVER, bench.fixture::pauseServer)) {
            return;
        }
        var topic = bench.topic(2);
        var messages = Messages.overKeys(topic, 6, 120);
        var producer = bench.producer();
        producer.sendAll(messages.subList(0, 60));
        var consumer = bench.consumer(bench.group(), topic);
        consumer.take(60);
        bench.fixture.pauseServer();
        var during = within(AT_ONCE, "sending", () -> producer.send(messages.subList(60, 120)));
        var patience = Duration.ofSeconds(1);
        within(patience.plus(AT_ONCE), "a poll of a second", () -> {
            consumer.poll(patience);
            return consumer;
        });
        bench.fixture.resumeServer();

        producer.insist(during);

        consumer.until("all messages", () -> Messages.ids(consumer.received).containsAll(Messages.idsOf(messages)));
        for (int key = 0; key < 6; key++) {
            assertThat(Messages.idsOfKey(consumer.received, "k" + key).stream().distinct())
                    .as("first arrivals of key k%s", key)
                    .containsExactlyElementsOf(Messages.idsOf(Messages.texts(topic, "k" + key, 20)));
        }
    }

    /** On failure look for a figure that is kept: 0 from before the outage says that all is well. */
    @Test
    void lagIsUnknownWhileTheServerDoesNotAnswer() {
        if (isNeverAway() || !can(Hook.PAUSE_SERVER, bench.fixture::pauseServer)) {
            return;
        }
        var topic = bench.topic(1);
        bench.producer().sendAll(Messages.texts(topic, "k", 3));
        var consumer = bench.consumer(bench.group(), topic);
        var partition = consumer.take(3).get(0).partition();
        consumer.acknowledgeAll();
        consumer.until("a lag of 0", () -> consumer.raw().lag(partition).equals(OptionalLong.of(0)));

        bench.fixture.pauseServer();
        consumer.until(
                "no lag, or no partition",
                () -> !consumer.owned.contains(partition)
                        || consumer.raw().lag(partition).isEmpty());
        bench.fixture.resumeServer();

        consumer.until(
                "a lag of 0 again",
                () -> consumer.owned.contains(partition)
                        && consumer.raw().lag(partition).equals(OptionalLong.of(0)));
    }

    @Test
    void closeAbandonsWhatAPausedServerDoesNotAnswer() {
        if (isNeverAway() || !can(Hook.PAUSE_SERVER, bench.fixture::pauseServer)) {
            return;
        }
        var topic = bench.topic(1);
        var producer = bench.producer();
        producer.sendAll(Messages.texts(topic, "warm", 1));
        bench.fixture.pauseServer();
        var sending = producer.send(Messages.texts(topic, "k", 30));

        within(A_FEW_SECONDS, "closing the producer", () -> {
            producer.close();
            return producer;
        });

        assertThat(sending.answered()).as("answers when close returned").isEqualTo(30);
        assertThat(sending.results(Duration.ZERO))
                .allMatch(result -> result instanceof NotAttempted
                        || (result instanceof Failed failed && failed.reason().isRetryable()));
        bench.fixture.resumeServer();
    }

    private boolean canKill() {
        return can(Hook.KILL_SERVER, bench.fixture::killServer);
    }

    /** The branch of brokers that live with their clients: whenever they are asked, they are there. */
    private boolean isNeverAway() {
        if (!bench.fixture.isEmbedded()) {
            return false;
        }
        var topic = bench.topic(1);
        assertThatCode(() -> bench.client().check(Set.of(topic), Set.of(topic), bench.group(), Duration.ZERO))
                .doesNotThrowAnyException();
        return true;
    }

    private void untilReachable(Broker client, String topic) {
        var left = Patience.of(bench.patience);
        while (true) {
            try {
                client.check(Set.of(topic), Set.of(topic), bench.group(), Duration.ofSeconds(1));
                return;
            } catch (BrokerException away) {
                assertThat(away.isRetryable()).isTrue();
                if (left.isOver()) {
                    throw left.exhausted("a check that succeeds", away);
                }
            }
        }
    }

    private static Object assertRetryable(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(BrokerException.class)
                .matches(thrown -> ((BrokerException) thrown).isRetryable(), "retryable");
        return call;
    }

    private static <T> T within(Duration atMost, String what, Callable<T> call) {
        long before = System.nanoTime();
        T result;
        try {
            result = call.call();
        } catch (RuntimeException failure) {
            throw failure;
        } catch (Exception failure) {
            throw new AssertionError(failure);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - before))
                .as("how long it took: %s", what)
                .isLessThan(atMost);
        return result;
    }
}
