package dev.syncline.broker.redis;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What the threads of the client have for the polling thread, which runs it: all state of a consumer is that thread's
 * alone.
 *
 * <p>Threading: {@link #post} and {@link #wakeup} from any thread, the rest from the polling one.
 */
final class Mailbox {

    private final BlockingQueue<Runnable> letters = new LinkedBlockingQueue<>();
    private final AtomicBoolean woken = new AtomicBoolean();

    void post(Runnable letter) {
        letters.add(letter);
    }

    /** Makes the waiting poll, or the next one, return. */
    void wakeup() {
        woken.set(true);
        post(() -> {});
    }

    boolean takeWakeup() {
        return woken.getAndSet(false);
    }

    /** Runs what is there. */
    void run() {
        for (var letter = letters.poll(); letter != null; letter = letters.poll()) {
            letter.run();
        }
    }

    /** Waits for something to run, and runs what is there. Returns at once, flag kept, if the thread is interrupted. */
    void await(long atMostNanos) {
        try {
            var letter = letters.poll(atMostNanos, TimeUnit.NANOSECONDS);
            if (letter != null) {
                letter.run();
                run();
            }
        } catch (InterruptedException interrupted) {
            woken.set(true);
            Thread.currentThread().interrupt();
        }
    }
}
