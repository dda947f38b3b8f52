package dev.syncline.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.BrokerException;
import dev.syncline.api.ConfigurationException;
import dev.syncline.api.Secret;
import dev.syncline.spi.Position;
import dev.syncline.spi.SendResult.Failed;
import dev.syncline.spi.Subscription.Start;
import dev.syncline.spi.TopicPartition;
import dev.syncline.testkit.conformance.BrokerFixture.Hook;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What cannot be done is said, with a name; positions that are gone stop the reader (S18). */
abstract class RefusalBehaviours extends Behaviours {

    RefusalBehaviours(Supplier<BrokerFixture> open) {
        super(open);
    }

    @Test
    void checkPassesWhatCanBeUsed() {
        var first = bench.topic(1);
        var second = bench.topic(2);

        bench.client().check(Set.of(first), Set.of(first, second), bench.group(), bench.patience);
        bench.client().check(Set.of(first), Set.of(), "", bench.patience);
        bench.client().check(Set.of(), Set.of(), "", bench.patience);
    }

    /** Input 57. All of them at once, so that one start tells everything. */
    @Test
    void checkNamesEveryMissingTopic() {
        var there = bench.topic(1);
        var written = bench.unusedName("written");
        var read = bench.unusedName("read");
        var client = bench.client();

        assertThatThrownBy(
                        () -> client.check(Set.of(there, written), Set.of(there, read), bench.group(), bench.patience))
                .satisfies(thrown -> assertRefused(thrown, written))
                .hasMessageContaining(read);
    }

    @Test
    void consumerOfAMissingTopicIsRefused() {
        var missing = bench.unusedName("missing");
        var consumer = bench.consumer(bench.group(), missing);

        assertRefused(refusal(consumer), missing);
    }

    @Test
    void checkNamesADeniedTopic() {
        var topic = bench.topic(1);
        if (!can(Hook.DENY_TOPIC, () -> bench.fixture.denyTopic(topic))) {
            return;
        }
        var client = bench.client();
        bench.fixture.denyTopic(topic);

        assertThatThrownBy(() -> client.check(Set.of(topic), Set.of(), "", bench.patience))
                .satisfies(thrown -> assertRefused(thrown, topic));
        assertThatThrownBy(() -> client.check(Set.of(), Set.of(topic), bench.group(), bench.patience))
                .satisfies(thrown -> assertRefused(thrown, topic));
    }

    @Test
    void sendingToADeniedTopicIsRefused() {
        var topic = bench.topic(1);
        if (!can(Hook.DENY_TOPIC, () -> bench.fixture.denyTopic(topic))) {
            return;
        }
        bench.fixture.denyTopic(topic);

        var results = bench.producer().send(Messages.texts(topic, "k", 1)).results(bench.patience);

        assertThat(results.get(0))
                .isInstanceOfSatisfying(Failed.class, failed -> assertRefused(failed.reason(), topic));
    }

    @Test
    void readingADeniedTopicIsRefused() {
        var topic = bench.topic(1);
        if (!can(Hook.DENY_TOPIC, () -> bench.fixture.denyTopic(topic))) {
            return;
        }
        bench.producer().sendAll(Messages.texts(topic, "k", 1));
        bench.fixture.denyTopic(topic);
        var consumer = bench.consumer(bench.group(), topic);

        assertRefused(refusal(consumer), topic);
        assertThat(consumer.received).isEmpty();
    }

    @Test
    void unknownOptionsAreAllNamed() {
        Map<String, Object> options = Map.of("no.such.option", "1", "neither.this.one", "2");

        assertThatThrownBy(() -> bench.client(options))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("no.such.option")
                .hasMessageContaining("neither.this.one");
    }

    @Test
    void secretsAreNotInTheMessage() {
        Map<String, Object> options = Map.of("no.such.option", Secret.of("canary-5b1f"));

        assertThatThrownBy(() -> bench.client(options))
                .isInstanceOf(ConfigurationException.class)
                .message()
                .doesNotContain("canary-5b1f");
    }

    /** The group has work to do that the broker dropped: that is for a person to know, not to be skipped. */
    @Test
    void s18_positionThatIsGoneIsRefusedUntilASeek() {
        var topic = bench.topic(1);
        var group = bench.group();
        var sent = bench.producer().sendAll(Messages.texts(topic, "k", 10));
        var partition = sent.get(0).partition();
        if (!can(Hook.DROP_MESSAGES, () -> drop(partition, sent.get(5).position()))) {
            return;
        }
        var first = bench.consumer(group, topic);
        first.acknowledge(first.take(10).get(2));
        first.close();
        drop(partition, sent.get(5).position());
        var second = bench.consumer(group, topic);

        assertRefused(refusal(second), topic);
        assertRefused(refusal(second), topic);
        assertThat(second.received).as("skipped to").isEmpty();

        second.raw().seekTo(partition, Start.EARLIEST);
        assertThat(Messages.ids(second.take(4))).containsExactly("k#6", "k#7", "k#8", "k#9");
    }

    /** What was dropped was done: no gap. */
    @Test
    void s18_messagesDroppedAfterTheyWereAcknowledgedAreNoGap() {
        var topic = bench.topic(1);
        var group = bench.group();
        var sent = bench.producer().sendAll(Messages.texts(topic, "k", 10));
        var partition = sent.get(0).partition();
        if (!can(Hook.DROP_MESSAGES, () -> drop(partition, sent.get(5).position()))) {
            return;
        }
        var first = bench.consumer(group, topic);
        first.acknowledge(first.take(10).get(5));
        first.close();
        drop(partition, sent.get(5).position());

        var second = bench.consumer(group, topic);

        assertThat(Messages.ids(second.take(4))).containsExactly("k#6", "k#7", "k#8", "k#9");
    }

    @Test
    void s18_newGroupBeginsAtTheOldestThatIsThere() {
        var topic = bench.topic(1);
        var sent = bench.producer().sendAll(Messages.texts(topic, "k", 10));
        var partition = sent.get(0).partition();
        if (!can(Hook.DROP_MESSAGES, () -> drop(partition, sent.get(5).position()))) {
            return;
        }
        drop(partition, sent.get(5).position());

        var consumer = bench.consumer(bench.group(), topic);

        assertThat(Messages.ids(consumer.take(4))).containsExactly("k#6", "k#7", "k#8", "k#9");
    }

    /** Input 58: the broker lost data, or the position is another topic's. */
    @Test
    void s18_positionBeyondTheNewestIsRefused() {
        var topic = bench.topic(1);
        var sent = bench.producer().sendAll(Messages.texts(topic, "k", 3));
        var consumer = bench.consumer(bench.group(), topic);
        var newest = consumer.take(3).get(2).position();

        consumer.raw().seekAfter(sent.get(0).partition(), Position.of(newest.major() + 100_000_000));

        assertRefused(refusal(consumer), topic);
        consumer.raw().seekTo(sent.get(0).partition(), Start.EARLIEST);
        consumer.sought(sent.get(0).partition());
        consumer.take(6);
    }

    private void drop(TopicPartition partition, Position position) {
        bench.fixture.dropUpTo(partition, position);
    }

    /** Polls until that is refused. */
    private BrokerException refusal(ConformanceConsumer consumer) {
        var left = Patience.of(bench.patience);
        while (!left.isOver()) {
            try {
                consumer.poll();
            } catch (BrokerException refused) {
                return refused;
            }
        }
        throw left.exhausted("a poll that is refused", consumer);
    }

    private static void assertRefused(Throwable thrown, String named) {
        assertThat(thrown).isInstanceOfSatisfying(BrokerException.class, refused -> {
            assertThat(refused.isRetryable()).as("retryable: %s", refused).isFalse();
            assertThat(refused).hasMessageContaining(named);
        });
    }
}
