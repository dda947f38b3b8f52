package dev.syncline.runtime.internal.assembly;

import dev.syncline.api.BrokerException;
import dev.syncline.runtime.internal.envelope.LogText;
import dev.syncline.spi.Broker;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whether a handler's topics can be read: asked at start, and again until the broker has answered once. */
final class BrokerCheck {

    private final String name;
    private final Broker broker;
    private final Set<String> topics;
    private final String group;
    private final Duration patience;
    private volatile @Nullable String problem = "not asked yet";

    BrokerCheck(String name, Broker broker, Set<String> topics, String group, Duration patience) {
        this.name = name;
        this.broker = broker;
        this.topics = topics;
        this.group = group;
        this.patience = patience;
    }

    /**
     * Asks.
     *
     * @throws BrokerException if the broker is away, or refuses
     */
    void run() {
        try {
            broker.check(Set.of(), topics, group, patience);
            problem = null;
        } catch (BrokerException failure) {
            problem = "broker " + name + ": " + LogText.of(String.valueOf(failure.getMessage()));
            throw failure;
        }
    }

    boolean isOpen() {
        return problem != null;
    }

    Optional<String> problem() {
        return Optional.ofNullable(problem);
    }
}
