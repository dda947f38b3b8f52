package dev.syncline.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.spi.BrokerProducer.SendListener;
import dev.syncline.spi.Message;
import dev.syncline.spi.SendResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One batch on its way: takes the results from whatever thread, and minds that each message gets one. */
final class Sending implements SendListener {

    private final List<Message> batch;
    private final @Nullable SendResult[] results;
    private final List<String> violations = new ArrayList<>();
    private final List<Integer> order = new ArrayList<>();
    private int open;

    Sending(List<Message> batch) {
        this.batch = List.copyOf(batch);
        this.results = new SendResult[batch.size()];
        this.open = batch.size();
    }

    @Override
    public synchronized void onResult(int index, SendResult result) {
        if (index < 0 || index >= results.length) {
            violations.add("a result for index " + index + " of " + results.length);
        } else if (results[index] != null) {
            violations.add("a second result for " + batch.get(index) + ": " + results[index] + ", then " + result);
        } else {
            results[index] = result;
            order.add(index);
            open--;
            notifyAll();
        }
    }

    synchronized int answered() {
        return results.length - open;
    }

    /** Indices in the order in which their results came. */
    synchronized List<Integer> order() {
        return List.copyOf(order);
    }

    /** What is known so far, null where nothing is. */
    synchronized List<@Nullable SendResult> soFar() {
        return new ArrayList<>(Arrays.asList(results));
    }

    /** Waits until each message has its result; whether each has. */
    synchronized boolean await(Duration atMost) {
        var left = Patience.of(atMost);
        try {
            while (open > 0) {
                long millis = left.nanosLeft() / 1_000_000;
                if (millis <= 0) {
                    return false;
                }
                wait(millis);
            }
            return true;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for results", interrupted);
        }
    }

    /** All results, in the order of the batch; waits for them. */
    List<SendResult> results(Duration patience) {
        if (!await(patience)) {
            throw Patience.of(patience).exhausted("a result for each of " + results.length + " messages", soFar());
        }
        return all();
    }

    private synchronized List<SendResult> all() {
        assertThat(violations).as("rules of BrokerProducer that were broken").isEmpty();
        return Arrays.stream(results).map(Objects::requireNonNull).toList();
    }

    /** The messages that were not confirmed, in order; none may be refused for good. To be called once all is answered. */
    List<Message> unconfirmed() {
        var unconfirmed = new ArrayList<Message>();
        var all = results(Duration.ZERO);
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i) instanceof SendResult.Failed failed
                    && !failed.reason().isRetryable()) {
                throw new AssertionError("refused: " + batch.get(i), failed.reason());
            }
            if (!(all.get(i) instanceof SendResult.Sent)) {
                unconfirmed.add(batch.get(i));
            }
        }
        return unconfirmed;
    }
}
