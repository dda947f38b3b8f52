package dev.syncline.broker.kafka;

import dev.syncline.spi.SendResult;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells listeners their results in the order in which they were added, outside of every lock of the producer. Any
 * thread may deliver; one at a time does, and takes along what others add meanwhile. Thread-safe.
 */
final class SendResults {

    private static final Logger log = LoggerFactory.getLogger(SendResults.class);

    private record Result(SendEntry entry, SendResult result) {}

    private final Queue<Result> results = new ArrayDeque<>();
    private @Nullable Thread deliverer;

    synchronized void add(SendEntry entry, SendResult result) {
        results.add(new Result(entry, result));
    }

    /** Tells what there is, unless another thread is at it: then that one will. */
    void deliver() {
        synchronized (this) {
            if (deliverer != null) {
                return;
            }
            deliverer = Thread.currentThread();
        }
        tellAll(true);
    }

    /** As {@link #deliver}, but returns when everything was told, by whichever thread. */
    void finish() {
        boolean interrupted = false;
        while (true) {
            synchronized (this) {
                if (deliverer == Thread.currentThread()) {
                    break;
                } else if (deliverer == null && results.isEmpty()) {
                    break;
                } else if (deliverer != null) {
                    try {
                        wait();
                    } catch (InterruptedException noted) {
                        interrupted = true;
                    }
                    continue;
                }
            }
            deliver();
        }
        tellAll(false); // nothing is left, unless a listener closed the producer: then inside of that listener's call
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void tellAll(boolean resign) {
        boolean told = false;
        try {
            for (var next = next(resign); next != null; next = next(resign)) {
                tell(next);
            }
            told = true;
        } finally {
            if (!told && resign) {
                resign();
            }
        }
    }

    private static void tell(Result next) {
        try {
            next.entry.tell(next.result);
        } catch (RuntimeException broken) {
            log.error("The listener of {} threw", next.entry.message, broken);
        }
    }

    private synchronized @Nullable Result next(boolean resign) {
        var next = results.poll();
        if (next == null && resign) {
            resign();
        }
        return next;
    }

    private synchronized void resign() {
        deliverer = null;
        notifyAll();
    }
}
