package dev.syncline.runtime.internal.relay;

import dev.syncline.runtime.internal.envelope.LogText;
import java.util.Objects;

/**
 * Where messages go: a topic of a named broker. The unit of shipping: each has its own cursor, and what stops one leaves
 * the others alone.
 */
public record Destination(String broker, String topic) implements Comparable<Destination> {

    public Destination {
        Objects.requireNonNull(broker, "broker");
        Objects.requireNonNull(topic, "topic");
    }

    @Override
    public int compareTo(Destination that) {
        int byBroker = broker.compareTo(that.broker);
        return byBroker != 0 ? byBroker : topic.compareTo(that.topic);
    }

    /** For people. */
    @Override
    public String toString() {
        return LogText.of(topic) + " on broker \"" + LogText.of(broker) + "\"";
    }
}
