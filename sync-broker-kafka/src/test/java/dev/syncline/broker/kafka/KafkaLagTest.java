package dev.syncline.broker.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.spi.TopicPartition;
import dev.syncline.testkit.server.KafkaServer;
import dev.syncline.testkit.server.RealKafka;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The lag is known while the broker answers, and only then: an old figure would say that all is well. */
@StartsThreads
class KafkaLagTest {

    @RealKafka(exclusive = true)
    static KafkaServer server;

    private final String topic = "t" + System.nanoTime();
    private final TopicPartition partition = new TopicPartition(topic, 0);
    private Clients clients;
    private TestConsumer reader;

    @BeforeEach
    void open() {
        clients = new Clients(server);
        server.createTopic(topic, 1);
        clients.sendAll(Clients.texts(topic, "k", 5));
        reader = clients.consumer("g." + topic, topic);
        reader.take(5);
        reader.consumer.acknowledge(TestConsumer.upTo(reader.received.get(4), ""));
        reader.until(() -> lag().equals(OptionalLong.of(0)));
    }

    @AfterEach
    void close() {
        clients.close();
    }

    private OptionalLong lag() {
        return reader.consumer.lag(partition);
    }

    @Test
    void lagIsUnknownWhileTheBrokerDoesNotAnswer() {
        server.pause();
        try {
            reader.until(() -> lag().isEmpty());
        } finally {
            server.resume();
        }

        reader.until(() -> lag().equals(OptionalLong.of(0)));
    }

    @Test
    void lagIsUnknownWhileTheBrokerIsGone() {
        server.kill();
        reader.until(() -> lag().isEmpty());
        server.restart();

        clients.sendAll(Clients.texts(topic, "later", 2));
        reader.until(() -> lag().equals(OptionalLong.of(2)));
    }

    /** Nothing is fetched of it; what comes in counts all the same. */
    @Test
    void lagOfAPausedPartitionGrows() {
        reader.consumer.pause(Set.of(partition));

        clients.sendAll(Clients.texts(topic, "more", 7));

        reader.until(() -> lag().equals(OptionalLong.of(7)));
        assertThat(reader.received).hasSize(5);
    }
}
