package dev.syncline.broker.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.spi.BrokerProducer.SendListener;
import dev.syncline.spi.Message;
import dev.syncline.spi.SendResult.NotAttempted;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SendResultsTest {

    private final SendResults results = new SendResults();

    @Test
    void resultsAddedByTheListenerFollowThoseThatWereThere() {
        var told = new ArrayList<Integer>();
        SendListener late = (index, result) -> told.add(index);
        add(0, (index, result) -> {
            told.add(index);
            add(2, late);
            results.deliver();
        });
        add(1, late);

        results.deliver();

        assertThat(told).containsExactly(0, 1, 2);
    }

    @Test
    void oneThreadAtATimeTellsAndNothingIsLeft() {
        var told = new ArrayList<Integer>(); // by one thread at a time, so no lock
        SendListener listener = (index, result) -> told.add(index);
        var adders = IntStream.range(0, 4)
                .mapToObj(adder -> CompletableFuture.runAsync(() -> {
                    for (int i = 0; i < 1000; i++) {
                        add(i, listener);
                        results.deliver();
                    }
                }))
                .toList();
        adders.forEach(CompletableFuture::join);
        results.finish();

        assertThat(told).hasSize(4000);
    }

    @Test
    void finishWaitsForWhoeverIsTelling() throws Exception {
        var entered = new CountDownLatch(1);
        var leave = new CountDownLatch(1);
        var told = new ArrayList<Integer>();
        add(0, (index, result) -> {
            entered.countDown();
            await(leave);
            told.add(index);
        });
        var telling = CompletableFuture.runAsync(results::deliver);
        entered.await();
        add(1, (index, result) -> told.add(index));

        var finishing = CompletableFuture.supplyAsync(() -> {
            results.finish();
            return List.copyOf(told);
        });
        leave.countDown();

        assertThat(finishing.join()).containsExactly(0, 1);
        telling.join();
    }

    /** A listener that closes its producer. */
    @Test
    void finishInsideOfAListenerTellsTheRestAtOnce() {
        var told = new ArrayList<Integer>();
        add(0, (index, result) -> {
            results.finish();
            told.add(index);
        });
        add(1, (index, result) -> told.add(index));

        results.deliver();

        assertThat(told).containsExactly(1, 0);
    }

    @Test
    void listenerThatThrowsTakesNobodyElsesResult() {
        var told = new ArrayList<Integer>();
        add(0, (index, result) -> {
            throw new IllegalStateException("broken on purpose");
        });
        add(1, (index, result) -> told.add(index));

        results.deliver();

        assertThat(told).containsExactly(1);
    }

    @Test
    void errorOfAListenerLeavesTheRestToTheNext() {
        var told = new ArrayList<Integer>();
        add(0, (index, result) -> {
            throw new AssertionError("broken on purpose");
        });
        add(1, (index, result) -> told.add(index));

        assertThatThrownBy(results::deliver).isInstanceOf(AssertionError.class);
        results.deliver();

        assertThat(told).containsExactly(1);
    }

    private void add(int index, SendListener listener) {
        results.add(
                new SendEntry(new Message("t", "k", Map.of(), Map.of(), null), index, listener), new NotAttempted());
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }
}
