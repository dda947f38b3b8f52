package dev.syncline.examples.catalog;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A {@link Feed} on a thread of its own. Closing stops it and waits for the thread. */
final class Feeding implements AutoCloseable {

    private final Feed feed;
    private final FutureTask<Void> task;
    private final Thread thread;

    private Feeding(Feed feed) {
        this.feed = feed;
        this.task = new FutureTask<>(() -> {
            feed.run();
            return null;
        });
        this.thread = new Thread(task, "catalog-feed");
    }

    static Feeding start(Feed feed) {
        var feeding = new Feeding(feed);
        feeding.thread.start();
        return feeding;
    }

    /**
     * Waits until all is published.
     *
     * @return false if it was not by then
     * @throws IllegalStateException if feeding failed; it will not go on
     */
    boolean isDone(Duration atMost) throws InterruptedException {
        try {
            task.get(atMost.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException notYet) {
            return false;
        } catch (ExecutionException failed) {
            throw new IllegalStateException("the catalogue cannot be fed: " + failed.getCause(), failed.getCause());
        }
    }

    @Override
    public void close() {
        feed.stop();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
