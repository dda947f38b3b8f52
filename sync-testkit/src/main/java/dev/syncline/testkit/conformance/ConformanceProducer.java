package dev.syncline.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.spi.BrokerProducer;
import dev.syncline.spi.Message;
import dev.syncline.spi.SendResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** A producer under observation, and a sender that insists, as the relay does. */
final class ConformanceProducer implements AutoCloseable {

    private final Duration patience;
    private final Supplier<BrokerProducer> make;
    private BrokerProducer producer;

    ConformanceProducer(Duration patience, Supplier<BrokerProducer> make) {
        this.patience = patience;
        this.make = make;
        this.producer = make.get();
    }

    BrokerProducer raw() {
        return producer;
    }

    /** Hands over, and returns at once. */
    Sending send(List<Message> batch) {
        var sending = new Sending(batch);
        producer.send(batch, sending);
        return sending;
    }

    /** Hands over, and waits until all is confirmed. */
    List<SendResult.Sent> sendAll(List<Message> batch) {
        var sent = new ArrayList<SendResult.Sent>();
        var results = send(batch).results(patience);
        for (int i = 0; i < results.size(); i++) {
            assertThat(results.get(i)).as("result of %s", batch.get(i)).isInstanceOf(SendResult.Sent.class);
            sent.add((SendResult.Sent) results.get(i));
        }
        return sent;
    }

    SendResult.Sent sendOne(Message message) {
        return sendAll(List.of(message)).get(0);
    }

    /** Closes this producer and makes another. */
    void renew() {
        producer.close();
        producer = make.get();
    }

    @Override
    public void close() {
        producer.close();
    }
}
