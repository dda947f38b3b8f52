package dev.syncline.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import dev.syncline.spi.SendResult;
import dev.syncline.spi.SendResult.Failed;
import dev.syncline.spi.SendResult.NotAttempted;
import dev.syncline.spi.SendResult.Sent;
import dev.syncline.spi.TopicPartition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Each message gets one result, and nothing overtakes one that failed. */
abstract class SendBehaviours extends Behaviours {

    SendBehaviours(Supplier<BrokerFixture> open) {
        super(open);
    }

    @Test
    void resultsComeInOrderWithinAPartition() {
        var topic = bench.topic(3);
        var sending = bench.producer().send(Messages.overKeys(topic, 9, 300));
        var results = sending.results(bench.patience);

        var last = new HashMap<TopicPartition, Integer>();
        for (int index : sending.order()) {
            var sent = (Sent) results.get(index);
            var before = last.put(sent.partition(), index);
            assertThat(before == null ? -1 : before)
                    .as("index of the result before that of %s in %s", index, sent.partition())
                    .isLessThan(index);
        }
    }

    @Test
    void positionsGrowWithinAPartition() {
        var topic = bench.topic(3);
        var sent = bench.producer().sendAll(Messages.overKeys(topic, 9, 90));

        var last = new HashMap<TopicPartition, Sent>();
        for (var one : sent) {
            var before = last.put(one.partition(), one);
            if (before != null) {
                assertThat(one.position()).isGreaterThan(before.position());
            }
        }
    }

    @Test
    void batchMayGoToSeveralTopics() {
        var first = bench.topic(2);
        var second = bench.topic(1);
        var messages = new ArrayList<Message>();
        for (int i = 0; i < 20; i++) {
            messages.add(Messages.text(i % 2 == 0 ? first : second, "k" + i % 5, "m" + i));
        }

        bench.producer().sendAll(messages);

        var received = bench.consumer(bench.group(), first, second).take(20);
        assertThat(received)
                .extracting(one -> one.message().topic() + one.message().attribute("id"))
                .containsExactlyInAnyOrderElementsOf(messages.stream()
                        .map(one -> one.topic() + one.attribute("id"))
                        .toList());
    }

    @Test
    void emptyBatchIsNothing() {
        var sending = bench.producer().send(List.of());

        assertThat(sending.results(bench.patience)).isEmpty();
    }

    /** Input 57: one missing topic takes nobody else down. */
    @Test
    void missingTopicIsRefusedByNameAndTheOthersGoOn() {
        var topic = bench.topic(1);
        var missing = bench.unusedName("missing");
        var results = bench.producer()
                .send(List.of(
                        Messages.text(missing, "k", "lost-1"),
                        Messages.text(topic, "k", "kept-1"),
                        Messages.text(missing, "k", "lost-2"),
                        Messages.text(topic, "k", "kept-2")))
                .results(bench.patience);

        assertRefused(results.get(0), missing);
        assertThat(results.get(1)).isInstanceOf(Sent.class);
        assertThat(results.get(2)).isInstanceOf(NotAttempted.class);
        assertThat(results.get(3)).isInstanceOf(Sent.class);
    }

    @Test
    void largestMessageDeclaredIsTaken() {
        var topic = bench.topic(1);
        var message = Messages.withData(topic, "k", Bytes.wrap(new byte[0]));
        int room = bench.capabilities().maxMessageBytes() - message.size();

        bench.producer().sendOne(Messages.withData(topic, "k", Bytes.wrap(new byte[room])));

        var received = bench.consumer(bench.group(), topic).take(1).get(0);
        assertThat(received.message().data()).isEqualTo(Bytes.wrap(new byte[room]));
    }

    /** Input 31: what is too large is refused for good, and only its partition waits for a decision. */
    @Test
    void oversizeMessageIsRefusedAndOtherPartitionsGoOn() {
        var topic = bench.topic(4);
        var keys = keysOfTwoPartitions(topic);
        var results = bench.producer()
                .send(List.of(
                        Messages.text(topic, keys.get(0), "before"),
                        oversize(topic, keys.get(0)),
                        Messages.text(topic, keys.get(1), "other-1"),
                        Messages.text(topic, keys.get(0), "behind"),
                        Messages.text(topic, keys.get(1), "other-2")))
                .results(bench.patience);

        assertThat(results.get(0)).isInstanceOf(Sent.class);
        assertRefused(results.get(1), topic);
        assertThat(((Failed) results.get(1)).reason().isAboutMessage())
                .as("says that only this message is refused")
                .isTrue();
        assertThat(results.get(2)).isInstanceOf(Sent.class);
        assertThat(results.get(3)).isInstanceOf(NotAttempted.class);
        assertThat(results.get(4)).isInstanceOf(Sent.class);
    }

    /** On failure look for messages that were already with the client when the earlier one was refused. */
    @Test
    void s7_nothingBehindAFailedMessageIsSent() {
        var topic = bench.topic(1);
        var producer = bench.producer();
        var sendings = new ArrayList<Sending>();
        sendings.add(producer.send(Messages.texts(topic, "before", 50)));
        sendings.add(producer.send(List.of(oversize(topic, "big"))));
        for (int i = 0; i < 20; i++) {
            sendings.add(producer.send(Messages.texts(topic, "behind" + i, 10)));
        }

        assertThat(sendings.get(0).results(bench.patience)).allMatch(result -> result instanceof Sent);
        assertThat(sendings.get(1).results(bench.patience)).allMatch(result -> result instanceof Failed);
        for (var behind : sendings.subList(2, sendings.size())) {
            assertThat(behind.results(bench.patience)).allMatch(result -> result instanceof NotAttempted);
        }
        var consumer = bench.consumer(bench.group(), topic);
        consumer.take(50);
        consumer.expectNothingMore();
    }

    @Test
    void newProducerGoesOnAfterAFailure() {
        var topic = bench.topic(1);
        var producer = bench.producer();
        producer.send(List.of(oversize(topic, "k"), Messages.text(topic, "k", "behind")))
                .results(bench.patience);
        assertThat(producer.send(Messages.texts(topic, "later", 1)).results(bench.patience))
                .allMatch(result -> result instanceof NotAttempted);

        producer.renew();
        producer.sendAll(Messages.texts(topic, "again", 2));

        var consumer = bench.consumer(bench.group(), topic);
        assertThat(Messages.ids(consumer.take(2))).containsExactly("again#0", "again#1");
        consumer.expectNothingMore();
    }

    @Test
    void producersDoNotDisturbEachOther() {
        var topic = bench.topic(1);
        var broken = bench.producer();
        var sound = bench.producer();
        broken.send(List.of(oversize(topic, "k"))).results(bench.patience);

        sound.sendAll(Messages.texts(topic, "k", 3));

        assertThat(Messages.ids(bench.consumer(bench.group(), topic).take(3))).containsExactly("k#0", "k#1", "k#2");
    }

    /** Everything is answered once when close returns; what was confirmed is there, and the rest is not behind it. */
    @Test
    void closeAnswersEveryMessageOnce() {
        var topic = bench.topic(2);
        var producer = bench.producer();
        var sendings = new ArrayList<Sending>();
        for (int i = 0; i < 20; i++) {
            sendings.add(producer.send(Messages.overKeys(topic, 4, 40)));
        }

        producer.close();

        for (var sending : sendings) {
            assertThat(sending.answered()).as("answers when close returned").isEqualTo(40);
            assertThat(sending.results(Duration.ZERO)).hasSize(40);
        }
    }

    @Test
    void closeWorksFromAnotherThread() {
        var topic = bench.topic(1);
        var producer = bench.producer();
        var sending = producer.send(Messages.texts(topic, "k", 100));

        CompletableFuture.runAsync(producer::close).join();

        assertThat(sending.answered()).isEqualTo(100);
        assertThat(sending.results(Duration.ZERO)).hasSize(100);
    }

    @Test
    void afterCloseNothingIsAttempted() {
        var topic = bench.topic(1);
        var producer = bench.producer();
        producer.sendAll(Messages.texts(topic, "k", 1));
        producer.close();

        var results = producer.send(Messages.texts(topic, "late", 3)).results(bench.patience);

        assertThat(results).hasSize(3).allMatch(result -> result instanceof NotAttempted);
        var consumer = bench.consumer(bench.group(), topic);
        consumer.take(1);
        consumer.expectNothingMore();
    }

    private Message oversize(String topic, String key) {
        int bytes = 2 * bench.capabilities().maxMessageBytes() + 1024;
        return Messages.withData(topic, key, Bytes.wrap(new byte[bytes]));
    }

    private static void assertRefused(SendResult result, String named) {
        assertThat(result).isInstanceOfSatisfying(Failed.class, failed -> {
            assertThat(failed.reason().isRetryable())
                    .as("retryable: %s", failed.reason())
                    .isFalse();
            assertThat(failed.reason()).hasMessageContaining(named);
        });
    }

    /** Two keys that do not share a partition. */
    private List<String> keysOfTwoPartitions(String topic) {
        var messages = Messages.overKeys(topic, 16, 16);
        var sent = bench.producer().sendAll(messages);
        for (int i = 1; i < 16; i++) {
            if (!sent.get(i).partition().equals(sent.get(0).partition())) {
                return List.of("k0", "k" + i);
            }
        }
        throw new AssertionError("16 keys share one of 4 partitions");
    }
}
