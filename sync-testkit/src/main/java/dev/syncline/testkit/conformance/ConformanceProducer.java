package dev.syncline.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.spi.Broker;
import dev.syncline.spi.BrokerProducer;
import dev.syncline.spi.Message;
import dev.syncline.spi.SendResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** A producer under observation, and a sender that insists, as the relay does. */
final class ConformanceProducer implements AutoCloseable {

    /** After so long an answer counts as lost. */
    private static final Duration ANSWER = Duration.ofSeconds(5);

    private final Duration patience;
    private final Broker client;
    private BrokerProducer producer;

    ConformanceProducer(Duration patience, Broker client) {
        this.patience = patience;
        this.client = client;
        this.producer = client.producer();
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

    /**
     * What the relay does: waits for the results, and sends again, in order and by a new producer, whatever was not
     * confirmed, until everything is.
     */
    void insist(Sending... sendings) {
        var left = Patience.of(patience);
        var open = new ArrayList<Message>();
        for (var sending : sendings) {
            sending.await(ANSWER);
        }
        renew();
        for (var sending : sendings) {
            open.addAll(sending.unconfirmed());
        }
        while (!open.isEmpty()) {
            if (left.isOver()) {
                throw left.exhausted("a confirmation of each message", Messages.idsOf(open));
            }
            client.check(topics(open), Set.of(), "", patience);
            var again = send(open);
            again.await(ANSWER);
            renew();
            open = new ArrayList<>(again.unconfirmed());
        }
    }

    private static Set<String> topics(List<Message> messages) {
        return messages.stream().map(Message::topic).collect(Collectors.toSet());
    }

    /** Closes this producer and makes another. */
    void renew() {
        producer.close();
        producer = client.producer();
    }

    @Override
    public void close() {
        producer.close();
    }
}
