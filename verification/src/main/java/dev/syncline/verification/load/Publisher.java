package dev.syncline.verification.load;

import dev.syncline.api.EventPublisher;
import dev.syncline.api.OutboxFullException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/**
 * Publishes on the calling thread: so many a second, or as many as are applied.
 *
 * <p>An outbox that is full refuses; that is counted, and the event comes again later.
 */
final class Publisher {

    private static final long STEP_NANOS = 1_000_000;

    /** How far it goes ahead of the handler when it is not paced. */
    private static final int AHEAD = 10_000;

    private final Ledger ledger;
    private final EventPublisher publisher;
    private final IntSupplier keys;
    private long refused;

    /** Round the keys of the ledger. */
    Publisher(Ledger ledger, EventPublisher publisher) {
        this(ledger, publisher, new IntSupplier() {
            private int next;

            @Override
            public int getAsInt() {
                next = next + 1 == ledger.keys() ? 0 : next + 1;
                return next;
            }
        });
    }

    /** Keys as they are given. */
    Publisher(Ledger ledger, EventPublisher publisher, IntSupplier keys) {
        this.ledger = ledger;
        this.publisher = publisher;
        this.keys = keys;
    }

    /** Publishes for a time. What a stall held up is published after it, so that the rate is kept on the whole. */
    void paced(double perSecond, Duration time) {
        long begun = System.nanoTime();
        pacedWhile(perSecond, () -> System.nanoTime() - begun < time.toNanos());
    }

    /** The same while a condition holds. */
    void pacedWhile(double perSecond, BooleanSupplier isWanted) {
        long begun = System.nanoTime();
        for (long sent = 0; isWanted.getAsBoolean(); ) {
            long due = (long) ((System.nanoTime() - begun) / 1e9 * perSecond);
            if (sent >= due) {
                LockSupport.parkNanos(STEP_NANOS);
            }
            for (; sent < due; sent++) {
                publish();
            }
        }
    }

    /**
     * Publishes as fast as it is applied.
     *
     * @param setAside events that are not applied for now; they are not waited for
     */
    void saturating(Duration time, IntSupplier setAside) {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) {
            if (ledger.missing() - setAside.getAsInt() > AHEAD) {
                LockSupport.parkNanos(STEP_NANOS / 10);
                continue;
            }
            for (int i = 0; i < 256; i++) {
                publish();
            }
        }
    }

    void publish() {
        int key = keys.getAsInt();
        try {
            publisher.publish(Thing.of(key, ledger.next(key)));
        } catch (OutboxFullException full) {
            ledger.refused(key);
            refused++;
            LockSupport.parkNanos(STEP_NANOS);
        }
    }

    long refused() {
        return refused;
    }
}
