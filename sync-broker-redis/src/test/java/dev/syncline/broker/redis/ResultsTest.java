package dev.syncline.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.spi.SendResult;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ResultsTest {

    private static final SendResult ANY = new SendResult.NotAttempted();

    private final Results results = new Results();
    private final List<Integer> told = new ArrayList<>();

    @Test
    void resultsAreToldInTheirOrder() {
        for (int i = 0; i < 5; i++) {
            results.add((index, result) -> told.add(index), i, ANY);
        }

        results.tell();

        assertThat(told).containsExactly(0, 1, 2, 3, 4);
    }

    /** A listener that sends more, or closes, comes back in here. */
    @Test
    void whatIsAddedWhileTellingComesAfterWhatWasThere() {
        results.add(
                (index, result) -> {
                    told.add(index);
                    results.add((nested, any) -> told.add(nested), 2, ANY);
                    results.tellAll();
                },
                0,
                ANY);
        results.add((index, result) -> told.add(index), 1, ANY);

        results.tell();

        assertThat(told).containsExactly(0, 1, 2);
    }

    @Test
    void listenerThatFailsTakesNobodyDown() {
        results.add(
                (index, result) -> {
                    throw new IllegalStateException("a listener that fails on purpose");
                },
                0,
                ANY);
        results.add((index, result) -> told.add(index), 1, ANY);

        results.tell();

        assertThat(told).containsExactly(1);
    }

    @Test
    void tellAllWaitsForTheThreadThatIsTelling() throws Exception {
        var telling = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        results.add(
                (index, result) -> {
                    telling.countDown();
                    await(goOn);
                    told.add(index);
                },
                0,
                ANY);
        var other = CompletableFuture.runAsync(results::tell);
        await(telling);
        results.add((index, result) -> told.add(index), 1, ANY);
        results.tell(); // leaves it to the other one
        assertThat(told).isEmpty();
        var all = CompletableFuture.runAsync(results::tellAll);
        assertThat(all).isNotDone();

        goOn.countDown();

        all.get(10, TimeUnit.SECONDS);
        assertThat(told).containsExactly(0, 1);
        other.get(10, TimeUnit.SECONDS);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }
}
