package dev.syncline.runtime.internal.settle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Bytes and events in flight, taken by one thread and released by several. */
class BudgetTest {

    private final Budget budget = new Budget(100, 3);

    @Test
    void s24_isSpentUntilWhatIsInFlightIsLessThanAllowed() {
        budget.take(60);
        assertThat(budget.isSpent()).isFalse();
        budget.take(60);
        assertThat(budget.isSpent()).isTrue();

        budget.release(budget.cell(7), 60);

        assertThat(budget.isSpent()).isFalse();
        assertThat(budget.events()).isEqualTo(1);
        assertThat(budget.bytes()).isEqualTo(60);
    }

    @Test
    void shardsOfOneLaneShareACellAndThoseOfAnotherDoNot() {
        assertThat(budget.cell(4)).isEqualTo(budget.cell(1)).isNotEqualTo(budget.cell(2));
    }

    /** Else a partition would be taken for settled, or an instance for quiet, while an event is on its way. */
    @Test
    void s23_neverSaysLessThanIsInFlight() throws InterruptedException {
        var stop = new AtomicBoolean();
        var wrong = new ConcurrentLinkedQueue<Long>();
        var lanes = new ArrayList<ConcurrentLinkedQueue<Integer>>();
        var threads = new ArrayList<Thread>();
        budget.take(1); // stays in flight
        for (int lane = 0; lane < 3; lane++) {
            var events = new ConcurrentLinkedQueue<Integer>();
            int cell = budget.cell(lane);
            lanes.add(events);
            threads.add(new Thread(() -> {
                for (boolean isLast = false; !isLast; ) {
                    isLast = stop.get(); // before the look that finds nothing
                    for (Integer size; (size = events.poll()) != null; ) {
                        budget.release(cell, size);
                    }
                }
            }));
        }
        var reader = new Thread(() -> {
            while (!stop.get()) {
                long events = budget.events();
                if (events < 1) {
                    wrong.add(events);
                }
            }
        });
        threads.add(reader);
        threads.forEach(Thread::start);

        for (int i = 0; i < 100_000; i++) {
            budget.take(i % 5);
            lanes.get(i % 3).add(i % 5);
        }
        stop.set(true);
        for (var thread : threads) {
            thread.join();
        }

        assertThat(wrong).isEmpty();
        assertThat(budget.events()).isEqualTo(1);
        assertThat(budget.bytes()).isEqualTo(1);
    }
}
