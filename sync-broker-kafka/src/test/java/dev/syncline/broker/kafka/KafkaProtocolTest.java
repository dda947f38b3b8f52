package dev.syncline.broker.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.BrokerException;
import dev.syncline.testkit.server.KafkaServer;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Brokers that do not run groups themselves, and brokers that do not answer. */
@StartsThreads
class KafkaProtocolTest {

    @Test
    void autoFallsBackWhereTheBrokerSwitchedTheConsumerProtocolOff() {
        try (var server = KafkaServer.builder()
                        .config("group.coordinator.rebalance.protocols", "classic")
                        .start();
                var clients = new Clients(server)) {
            server.createTopic("t", 1);
            clients.sendAll(Clients.texts("t", "k", 2));

            assertThat(clients.consumer("auto", "t").take(2)).hasSize(2);
            assertThat(clients.consumer(Map.of("group.protocol", "consumer"), "consumer", "t")
                            .refusal())
                    .hasMessageContaining("group.protocol=consumer");
        }
    }

    /** L7: connections stay open and Kafka's poll just comes back empty; and it goes on by itself afterwards. */
    @Test
    void l7_brokerThatDoesNotAnswerIsNoticed() {
        try (var server = KafkaServer.start();
                var clients = new Clients(server)) {
            server.createTopic("t", 1);
            clients.sendAll(Clients.texts("t", "k", 1));
            var reader = clients.consumer("g", "t");
            reader.take(1);
            server.pause();
            try {
                assertThatThrownBy(() -> pollFor(reader, Duration.ofSeconds(30)))
                        .isInstanceOfSatisfying(
                                BrokerException.class,
                                away -> assertThat(away.isRetryable()).isTrue())
                        .hasMessageContaining("does not answer");
            } finally {
                server.resume();
            }

            clients.sendAll(Clients.texts("t", "later", 1));
            reader.until(() -> reader.ids().contains("later#0"));
        }
    }

    private static void pollFor(TestConsumer reader, Duration atMost) {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (System.nanoTime() - deadline < 0) {
            reader.consumer.poll(Duration.ofMillis(200), reader.sink);
        }
    }
}
