package dev.syncline.broker.kafka;

import dev.syncline.broker.kafka.KafkaSettings.Protocol;
import dev.syncline.spi.Subscription;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/** Makes the client of one consumer, again after one was refused, though not at once. Used by the polling thread. */
final class ClientMaker {

    /** Before a client that was refused is replaced, lest the broker be asked in a busy loop. */
    private static final Duration AFTER_REFUSAL = Duration.ofSeconds(1);

    private static final Duration LOOK = Duration.ofMillis(50);

    private final Subscription subscription;
    private final KafkaClients clients;
    private final @Nullable Pins pins;
    private final ProtocolChoice protocols;
    private final KafkaFailures failures;
    private final Wakeups wakeups;
    private final Silence silence;
    private long notBeforeNanos = System.nanoTime();

    ClientMaker(
            Subscription subscription,
            KafkaClients clients,
            @Nullable Pins pins,
            ProtocolChoice protocols,
            KafkaFailures failures,
            Wakeups wakeups,
            Silence silence) {
        this.subscription = subscription;
        this.clients = clients;
        this.pins = pins;
        this.protocols = protocols;
        this.failures = failures;
        this.wakeups = wakeups;
        this.silence = silence;
    }

    /**
     * Makes one, once it is known how the broker runs groups.
     *
     * @param isOver whether to come back with nothing
     * @return null if it was over before
     * @throws dev.syncline.api.BrokerException if the broker is away or the client cannot be made
     */
    @Nullable
    ConsumerClient make(BooleanSupplier isOver) {
        while (notBeforeNanos - System.nanoTime() > 0) {
            if (isOver.getAsBoolean() || Thread.currentThread().isInterrupted()) {
                return null;
            }
            LockSupport.parkNanos(this, LOOK.toNanos());
        }
        var protocol = protocols.await(LOOK);
        while (protocol == null) {
            if (isOver.getAsBoolean()) {
                return null;
            }
            protocol = protocols.await(LOOK);
        }
        return make(protocol);
    }

    private ConsumerClient make(Protocol protocol) {
        try {
            return new ConsumerClient(clients.consumer(subscription, protocol, pins), protocol, wakeups, silence);
        } catch (KafkaException unmade) {
            refused();
            throw failures.unmade(unmade);
        }
    }

    /** The last one is of no use any more. */
    void refused() {
        refused(AFTER_REFUSAL);
    }

    /** As {@link #refused()}, and for so long it will not go better. */
    void refused(Duration pause) {
        notBeforeNanos = System.nanoTime() + pause.toNanos();
    }

    /** The broker does not let groups be run as it said: returns whether another way is tried at once. */
    boolean fallBack() {
        boolean another = protocols.fallBack();
        if (another) {
            notBeforeNanos = System.nanoTime();
        }
        return another;
    }
}
