package dev.syncline.runtime.internal.relay;

import dev.syncline.api.BrokerException;
import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.park.HeadState;
import dev.syncline.runtime.internal.park.LetterDamagedException;
import dev.syncline.runtime.internal.park.ParkedKey;
import dev.syncline.spi.Broker;
import dev.syncline.spi.BrokerProducer;
import dev.syncline.spi.Position;
import dev.syncline.spi.SendResult;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends parked heads of one broker that were handed in again, and then what waits behind them: one message at a time, by
 * a producer of its own, so that what is refused again disturbs nobody.
 *
 * <p>Threading: the relay's thread, except answers.
 */
final class ParkedSender {

    private static final Logger LOG = LoggerFactory.getLogger(ParkedSender.class);

    private final OutgoingParking parking;
    private final Broker broker;
    private final ProducerCloser closer;
    private final Consumer<Object> signals;
    private final Backoff backoff;
    private final long refusedRetryNanos;
    private final long silenceNanos;
    private @Nullable BrokerProducer producer;
    private @Nullable ParkedKey underWay;
    private boolean isClosing;
    private volatile boolean mayStillSend;
    private int failures;
    private long sentAt;
    private long notBefore;

    /** @param signals takes what is to be handed to {@link #onAnswer} and {@link #onClosed} by the relay's thread */
    ParkedSender(
            OutgoingParking parking,
            Broker broker,
            RelaySettings settings,
            Backoff backoff,
            ProducerCloser closer,
            Consumer<Object> signals,
            long nowNanos) {
        this.parking = parking;
        this.broker = broker;
        this.closer = closer;
        this.signals = signals;
        this.backoff = backoff;
        this.refusedRetryNanos = settings.refusedRetry().toNanos();
        this.silenceNanos = settings.silence().toNanos();
        this.notBefore = nowNanos;
    }

    /** Name of the broker. */
    String broker() {
        return parking.broker();
    }

    /** Sends the next head if it may; returns whether it did anything. */
    boolean run(long nowNanos, BiPredicate<String, Position> isBehind) {
        if (parking.isIdle() || isClosing) {
            return false;
        }
        if (underWay != null) {
            if (nowNanos - sentAt >= silenceNanos) {
                close();
            }
            return false;
        }
        if (notBefore - nowNanos > 0) {
            return false;
        }
        var key = parking.next(isBehind);
        if (key == null) {
            return false;
        }
        send(key, nowNanos);
        return true;
    }

    private void send(ParkedKey key, long nowNanos) {
        try {
            var message = parking.head(key);
            var sending = producer;
            if (sending == null) {
                sending = broker.producer();
                producer = sending;
                mayStillSend = true;
            }
            underWay = key;
            sentAt = nowNanos;
            sending.send(List.of(message), (index, result) -> signals.accept(new Answer(this, key, result)));
        } catch (LetterDamagedException damaged) {
            parking.refusedAgain(key, HeadState.DAMAGED, String.valueOf(damaged.getMessage()));
        } catch (RuntimeException broken) {
            LOG.error("a parked event could not be sent, it is tried again", broken);
            retry(nowNanos);
        }
    }

    /** How the sending of a head ended. */
    void onAnswer(Answer answer, long nowNanos) {
        if (underWay != answer.key) {
            return;
        }
        underWay = null;
        try {
            if (answer.result instanceof SendResult.Sent) {
                failures = 0;
                parking.sent(answer.key);
            } else if (answer.result instanceof SendResult.Failed failed
                    && !failed.reason().isRetryable()) {
                onRefused(answer.key, failed.reason(), nowNanos);
            } else {
                retry(nowNanos);
            }
        } catch (OutboxException disk) {
            LOG.error("what became of a parked event could not be put down, it is sent again", disk);
            retry(nowNanos);
        }
    }

    private void onRefused(ParkedKey key, BrokerException reason, long nowNanos) {
        if (reason.isAboutMessage()) {
            parking.refusedAgain(key, OutgoingParking.CODE, String.valueOf(reason.getMessage()));
        } else {
            notBefore = nowNanos + refusedRetryNanos; // its topic: the destination says so
        }
        close();
    }

    private void retry(long nowNanos) {
        failures++;
        notBefore = nowNanos + backoff.nanos(failures);
        close();
    }

    /** Gives its producer up; what is unanswered is answered by that. */
    void close() {
        var open = producer;
        if (open != null) {
            producer = null;
            isClosing = true;
            closer.close(open, () -> {
                mayStillSend = false;
                signals.accept(this);
            });
        }
    }

    /** Its producer is closed, and all of its answers were handed over. */
    void onClosed() {
        isClosing = false;
        underWay = null;
    }

    /** Whether a producer of it may still send. Any thread. */
    boolean isSending() {
        return mayStillSend;
    }

    /** When {@link #run} may have something to do although nothing came. */
    long nanosToNextTimer(long nowNanos) {
        if (parking.isIdle() || isClosing) {
            return Long.MAX_VALUE;
        }
        return underWay != null ? sentAt + silenceNanos - nowNanos : Math.max(1, notBefore - nowNanos);
    }

    /** How the sending of a head ended. */
    record Answer(ParkedSender sender, ParkedKey key, SendResult result) {}
}
