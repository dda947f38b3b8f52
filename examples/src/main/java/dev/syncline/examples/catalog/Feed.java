package dev.syncline.examples.catalog;

import dev.syncline.api.EventPublisher;
import dev.syncline.api.OutboxFullException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Changes the catalogue and publishes each change.
 *
 * <p>Why nothing is lost and nothing ends stale, wherever the process is killed:
 *
 * <ol>
 *   <li>A change is made durable in the catalogue, then published; {@code publish} returns when the event is durable; only
 *       then comes the next change. So at most the last change is not published.
 *   <li>After a start the last change is therefore published once more, whether it was or not, with the same id. It is the
 *       newest of all: nothing of its product or any other has been published behind it, so the repeat cannot bring an
 *       older state back.
 *   <li>What Syncline itself delivers again after a crash are the events of a product from some point to its newest, in
 *       their order, so the shop ends with the newest.
 * </ol>
 *
 * <p>The two steps of 1. are not one transaction, and need not be, since this source can say after a crash what its last
 * change was. One that cannot needs an outbox in its own database.
 *
 * <p>Threading: {@link #run} on one thread; the others from any.
 */
final class Feed {

    private static final Duration ROOM_AGAIN = Duration.ofMillis(50);

    private final Catalog catalog;
    private final EventPublisher publisher;
    private final long events;
    private final int rate;
    private volatile long published;
    private volatile boolean stopped;

    /**
     * Makes a feed.
     *
     * @param events number of the last change to make
     * @param rate changes per second at most; 0 for no limit
     */
    Feed(Catalog catalog, EventPublisher publisher, long events, int rate) {
        this.catalog = catalog;
        this.publisher = publisher;
        this.events = events;
        this.rate = rate;
    }

    /** Goes on where the last run ended, until all changes are published or {@link #stop} is called. */
    void run() throws IOException {
        var last = catalog.last();
        if (last != null) {
            publish(last);
        }
        long started = System.nanoTime();
        long first = catalog.lastNumber();
        while (catalog.lastNumber() < events && !stopped) {
            pace(started, catalog.lastNumber() - first);
            publish(catalog.change());
        }
    }

    /** Number of the last change that is published. */
    long published() {
        return published;
    }

    /** Makes {@link #run} return soon. */
    void stop() {
        stopped = true;
    }

    private void publish(CatalogChange change) {
        while (!stopped) {
            try {
                publisher.publish(change.event());
                published = change.number();
                return;
            } catch (OutboxFullException full) {
                // Back-pressure: the broker is slow or away. Nothing is stored, nothing is lost; the catalogue waits.
                LockSupport.parkNanos(ROOM_AGAIN.toNanos());
            }
        }
    }

    private void pace(long started, long done) {
        if (rate == 0) {
            return;
        }
        long due = started + done * 1_000_000_000L / rate;
        for (long left = due - System.nanoTime(); left > 0 && !stopped; left = due - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
