package dev.syncline.broker.redis;

import dev.syncline.api.BrokerException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A moment until which answers are waited for, from several requests in a row. */
final class Deadline {

    private final Duration atMost;
    private final long nanos;

    Deadline(Duration atMost) {
        this.atMost = atMost;
        this.nanos = System.nanoTime() + atMost.toNanos();
    }

    /**
     * The answer.
     *
     * @param what for the message of a failure
     * @throws BrokerException whatever went wrong; retryable if the time is over or the thread interrupted
     */
    <T> T await(CompletionStage<T> request, String what) {
        try {
            return request.toCompletableFuture().get(Math.max(nanos - System.nanoTime(), 0), TimeUnit.NANOSECONDS);
        } catch (ExecutionException failure) {
            throw Failures.translate(what, failure);
        } catch (TimeoutException late) {
            throw BrokerException.retryable(what + ": no answer within " + atMost.toMillis() + " ms", late);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw BrokerException.retryable(what + ": interrupted", interrupted);
        }
    }
}
