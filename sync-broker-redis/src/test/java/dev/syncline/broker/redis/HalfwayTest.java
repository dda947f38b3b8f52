package dev.syncline.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.syncline.api.BrokerException;
import dev.syncline.testkit.server.RealRedis;
import dev.syncline.testkit.server.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What fails in the middle leaves nothing half done. */
class HalfwayTest {

    @RealRedis
    static RedisServer redis;

    private Rig rig;

    @BeforeEach
    void open() {
        rig = Rig.with(redis, 1);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    /** What it had not taken would be passed by the next acknowledgement. */
    @Test
    void s9_messageThatItsTakerDidNotTakeComesAgain() {
        var reader = rig.reader().untilOwning(1);
        rig.send("k", 5);
        var failure = new IllegalStateException("no room for the third");

        assertThatThrownBy(() -> await().pollInSameThread()
                        .atMost(Reader.PATIENCE)
                        .until(() -> {
                            reader.consumer.poll(Duration.ofMillis(20), message -> {
                                if (reader.received.size() == 2) {
                                    throw failure;
                                }
                                reader.received.add(message);
                            });
                            return false;
                        }))
                .isSameAs(failure);

        assertThat(reader.take(5)).containsExactly("k#0", "k#1", "k#2", "k#3", "k#4");
    }

    /** The taker may well seek before it fails, and then nothing is left of what was read before. */
    @Test
    void seekInsideOfTheTakerIsNotUndone() {
        var reader = rig.reader().untilOwning(1);
        var positions = rig.send("k", 5);
        var seen = new ArrayList<String>();

        await().pollInSameThread().atMost(Reader.PATIENCE).until(() -> {
            reader.consumer.poll(Duration.ofMillis(20), message -> {
                seen.add(message.message().attribute("id"));
                if (seen.size() == 1) {
                    reader.consumer.seekAfter(rig.partition(0), positions.get(3));
                }
            });
            return seen.size() >= 2;
        });

        assertThat(seen).containsExactly("k#0", "k#4");
    }

    /** Said, and asked for again: what was under way would be so for ever, and the partition read by nobody. */
    @Test
    void s18_answerThatIsNotUnderstoodIsAskedForAgain() {
        var group = Keys.group(rig.partition(0), rig.group);
        rig.send("k", 3);
        var first = rig.reader();
        first.take(3);
        first.acknowledge(first.received.get(0));
        first.close();
        rig.command("HSET", group, "start", "changed by hand");
        var reader = rig.reader();

        assertThat(reader.refusal()).hasMessageContaining("the answer is not understood");
        assertThat(reader.owned).isEmpty();
        rig.command("HDEL", group, "start");

        await().pollInSameThread().atMost(Reader.PATIENCE).until(() -> {
            try {
                reader.poll();
            } catch (BrokerException stillToldOfBefore) {
                assertThat(stillToldOfBefore).hasMessageContaining("the answer is not understood");
            }
            return reader.owned.size() == 1;
        });
        assertThat(reader.take(2)).containsExactly("k#1", "k#2");
    }

    /** The client would not learn of a new token, and lose a partition that nobody else wants. */
    @Test
    void s13_resumptionThatFailsLeavesTheTokenThatIsKnown() {
        rig.reader().untilOwning(1);
        var owner = rig.state("owner");
        var token = rig.state("token");
        rig.command("DEL", rig.stream());
        rig.command("SET", rig.stream(), "of another type");
        var arguments = Keys.list(owner, token, "60000", rig.group);

        assertThatThrownBy(() -> rig.run(Script.RESUME, arguments))
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining("of another type");

        assertThat(rig.state("token")).isEqualTo(token);
        rig.command("DEL", rig.stream());
        assertThat(rig.run(Script.RESUME, arguments).isOk()).isTrue();
        assertThat(rig.state("token")).isNotEqualTo(token);
    }
}
