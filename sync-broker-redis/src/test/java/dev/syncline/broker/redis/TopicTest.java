package dev.syncline.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.BrokerException;
import dev.syncline.spi.Broker;
import dev.syncline.spi.SendResult.Failed;
import dev.syncline.spi.SendResult.Sent;
import dev.syncline.testkit.server.RealRedis;
import dev.syncline.testkit.server.RedisServer;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The number of partitions and the rule are stored beside the streams. */
class TopicTest {

    @RealRedis
    static RedisServer redis;

    private Rig rig;

    @BeforeEach
    void open() {
        rig = new Rig(redis);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void missingTopicIsMadeOnlyIfAsked() {
        assertRefused(() -> check(rig.client()), "topics.create=true");
        assertThat(rig.command("EXISTS", "{" + rig.topic + ":0}:topic")).isEqualTo(0L);

        check(rig.client("topics.create", "true", "topics.partitions", "3"));

        for (int i = 0; i < 3; i++) {
            var topic = "{" + rig.topic + ":" + i + "}:topic";
            assertThat(rig.command("HMGET", topic, "partitions", "rule")).isEqualTo(List.of("3", "murmur2"));
        }
        check(rig.client());
    }

    @Test
    void eightPartitionsAreTheDefault() {
        check(rig.client("topics.create", "true"));

        assertThat(rig.command("HGET", "{" + rig.topic + ":7}:topic", "partitions"))
                .isEqualTo("8");
        assertThat(rig.command("EXISTS", "{" + rig.topic + ":8}:topic")).isEqualTo(0L);
    }

    @Test
    void topicThatExistsKeepsItsCount() {
        rig.createTopic(rig.topic, 3);

        check(rig.client("topics.create", "true"));

        assertThat(rig.command("HGET", "{" + rig.topic + ":0}:topic", "partitions"))
                .isEqualTo("3");
        assertThat(rig.command("EXISTS", "{" + rig.topic + ":3}:topic")).isEqualTo(0L);
    }

    /** Partition 0 is written last: without it the topic does not exist, whatever is there. */
    @Test
    void topicThatIsMadeInPartIsMadeWhole() {
        rig.createTopic(rig.topic, 3);
        rig.command("DEL", "{" + rig.topic + ":0}:topic", "{" + rig.topic + ":1}:topic");

        assertRefused(() -> check(rig.client()), "does not exist");
        rig.createTopic(rig.topic, 3);

        assertThat(rig.command("EXISTS", "{" + rig.topic + ":0}:topic", "{" + rig.topic + ":1}:topic"))
                .isEqualTo(2L);
    }

    /** Of two instances that start at the same time each has made some of the partitions: nothing is lost by that. */
    @Test
    void l1_topicThatTwoHaveMadeAtTheSameTimeIsWrittenTo() {
        rig.createTopic(rig.topic, 3);
        rig.command("HSET", "{" + rig.topic + ":1}:topic", "incarnation", "the other one's");
        var producer = rig.client().producer();

        for (int round = 0; round < 2; round++) {
            for (int key = 0; key < 10; key++) {
                assertThat(Rig.results(producer, rig.messages("k" + key, 1))).allMatch(Sent.class::isInstance);
            }
        }
    }

    @Test
    void anotherCountIsRefusedAtTheCheck() {
        rig.createTopic(rig.topic, 3);

        assertRefused(
                () -> check(rig.client("topics.partitions", "4")),
                "has 3 partitions, and the option topics.partitions says 4");
        assertRefused(
                () -> check(rig.client("topics.partitions", "4", "topics.create", "true")),
                "has 3 partitions, and the option topics.partitions says 4");
        check(rig.client("topics.partitions", "3"));
    }

    @Test
    void anotherCountIsRefusedAtAProducer() {
        rig.createTopic(rig.topic, 3);

        var results = Rig.results(rig.client("topics.partitions", "4").producer(), rig.messages("k", 2));

        assertThat(results.get(0)).isInstanceOfSatisfying(Failed.class, failed -> {
            assertThat(failed.reason().isRetryable()).isFalse();
            assertThat(failed.reason()).hasMessageContaining(rig.topic).hasMessageContaining("has 3 partitions");
        });
        assertThat(rig.command("EXISTS", rig.stream())).isEqualTo(0L);
    }

    @Test
    void anotherCountIsRefusedAtAConsumer() {
        rig.createTopic(rig.topic, 3);

        var refusal = rig.reader(rig.client("topics.partitions", "4")).refusal();

        assertThat(refusal).hasMessageContaining(rig.topic).hasMessageContaining("has 3 partitions");
    }

    @Test
    void anotherRuleIsRefused() {
        rig.createTopic(rig.topic, 1);
        rig.command("HSET", "{" + rig.topic + ":0}:topic", "rule", "crc32");

        assertRefused(() -> check(rig.client()), "by the rule \"crc32\"");
    }

    /** A producer that is at work notices as well. */
    @Test
    void topicDeletedUnderAProducerIsRefused() {
        rig.createTopic(rig.topic, 1);
        var producer = rig.client().producer();
        Rig.results(producer, rig.messages("before", 1));
        rig.command("DEL", "{" + rig.topic + ":0}:topic");

        var results = Rig.results(producer, rig.messages("after", 1));

        assertThat(results.get(0))
                .isInstanceOfSatisfying(
                        Failed.class, failed -> assertThat(failed.reason()).hasMessageContaining("does not exist"));
    }

    /** Scripts that somebody flushed are sent again. */
    @Test
    void flushedScriptsAreSentAgain() {
        rig.createTopic(rig.topic, 1);
        rig.send("before", 1);
        rig.command("SCRIPT", "FLUSH");

        assertThatCode(() -> rig.send("after", 1)).doesNotThrowAnyException();
        assertThat(rig.command("XLEN", rig.stream())).isEqualTo(2L);
    }

    private void check(Broker client) {
        client.check(Set.of(rig.topic), Set.of(rig.topic), rig.group, Reader.PATIENCE);
    }

    private void assertRefused(ThrowingCallable call, String why) {
        assertThatThrownBy(call)
                .isInstanceOf(BrokerException.class)
                .matches(thrown -> !((BrokerException) thrown).isRetryable(), "refused")
                .hasMessageContaining(rig.topic)
                .hasMessageContaining(why);
    }
}
