package dev.syncline.broker.redis;

import dev.syncline.spi.BrokerProducer.SendListener;
import dev.syncline.spi.SendResult;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells listeners the results of their messages, in the order in which the results were added, one at a time, holding no
 * lock.
 *
 * <p>Threading: any thread; one of them tells, the others leave it to that one.
 */
final class Results {

    private static final Logger log = LoggerFactory.getLogger(Results.class);

    private record Untold(SendListener listener, int index, SendResult result) {}

    private final Queue<Untold> queue = new ArrayDeque<>();
    private @Nullable Thread teller;

    /** To be told by the next {@link #tell}. */
    synchronized void add(SendListener listener, int index, SendResult result) {
        queue.add(new Untold(listener, index, result));
    }

    /** Tells all there is, unless another thread is at it. */
    void tell() {
        boolean isOutermost;
        synchronized (this) {
            if (teller != null && teller != Thread.currentThread()) {
                return;
            }
            isOutermost = teller == null;
            teller = Thread.currentThread();
        }
        while (true) {
            Untold next;
            synchronized (this) {
                next = queue.poll();
                if (next == null) {
                    if (isOutermost) {
                        teller = null;
                        notifyAll();
                    }
                    return;
                }
            }
            try {
                next.listener().onResult(next.index(), next.result());
            } catch (RuntimeException broken) {
                log.error("a listener of send results failed; the result is lost to it", broken);
            }
        }
    }

    /** Tells all there is, and returns when it is told, by whichever thread. */
    void tellAll() {
        tell();
        boolean interrupted = false;
        synchronized (this) {
            while (teller != null && teller != Thread.currentThread()) {
                try {
                    wait();
                } catch (InterruptedException interruption) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
