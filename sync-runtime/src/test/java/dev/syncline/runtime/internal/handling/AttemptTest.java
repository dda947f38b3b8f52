package dev.syncline.runtime.internal.handling;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.api.Delivery;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** The interruption of an attempt that is late. */
class AttemptTest {

    private static Attempt attempt() {
        return new Attempt(0, List.of(), Delivery.first(), (attempt, verdicts) -> {});
    }

    @Test
    void l8_interruptsUserCodeThatRuns() {
        var attempt = attempt();
        attempt.enter();
        attempt.expire();
        assertThat(Thread.currentThread().isInterrupted()).isTrue();

        attempt.exit();
        assertThat(Thread.currentThread().isInterrupted()).as("none is left").isFalse();
        assertThat(attempt.isLate()).isTrue();
    }

    @Test
    void l8_interruptsNothingWhereNoUserCodeRuns() {
        var attempt = attempt();
        attempt.expire();
        attempt.enter();
        attempt.exit();
        attempt.expire();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void leavesOnlyTheThreadThatItOccupies() {
        var attempt = attempt();
        assertThat(attempt.leaveBehind(Thread.currentThread())).as("before").isFalse();
        attempt.enter();
        assertThat(attempt.leaveBehind(new Thread(() -> {}))).as("another").isFalse();
        assertThat(attempt.isLeftBehind()).isFalse();
        assertThat(attempt.leaveBehind(Thread.currentThread())).isTrue();
        attempt.exit();
        assertThat(attempt.isLeftBehind()).isTrue();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    /** A thread whose interruption takes until its user code has ended, or a moment if that waits for it. */
    private static final class SlowlyInterrupted extends Thread {

        final AtomicBoolean isInterrupting = new AtomicBoolean();
        final AtomicBoolean hasLeft = new AtomicBoolean();
        final AtomicBoolean isInterruptionOver = new AtomicBoolean();

        SlowlyInterrupted(Runnable task) {
            super(task);
        }

        @Override
        public void interrupt() {
            isInterrupting.set(true);
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(200);
            while (!hasLeft.get() && System.nanoTime() - end < 0) {
                Thread.onSpinWait();
            }
            super.interrupt();
            isInterruptionOver.set(true);
        }
    }

    /** The thread ends its user code while its interruption is on the way. */
    @Test
    void l8_userCodeIsNotLeftWhileItsInterruptionIsOnTheWay() throws InterruptedException {
        var attempt = attempt();
        var isInside = new CountDownLatch(1);
        var wasInterrupted = new AtomicBoolean();
        var thread = new SlowlyInterrupted(() -> {
            var self = (SlowlyInterrupted) Thread.currentThread();
            attempt.enter();
            isInside.countDown();
            while (!self.isInterrupting.get()) { // late alone is too early: it may still find nobody inside
                Thread.onSpinWait();
            }
            attempt.exit();
            self.hasLeft.set(true);
            while (!self.isInterruptionOver.get()) {
                Thread.onSpinWait();
            }
            wasInterrupted.set(Thread.currentThread().isInterrupted());
        });
        thread.start();
        isInside.await();
        attempt.expire();
        thread.join();

        assertThat(wasInterrupted).as("what comes next on this thread").isFalse();
    }

    /** What ends just at its deadline: the interruption meets it, or nobody. */
    @Test
    void l8_neverInterruptsWhatComesAfterTheLateOne() throws InterruptedException {
        var current = new AtomicReference<Attempt>();
        var isOver = new AtomicBoolean();
        var watch = new Thread(() -> {
            while (!isOver.get()) {
                var late = current.get();
                if (late != null) {
                    late.expire();
                }
            }
        });
        watch.start();
        try {
            for (int i = 0; i < 200_000; i++) {
                var attempt = attempt();
                current.set(attempt);
                attempt.enter();
                attempt.exit();
                current.set(null);
                assertThat(Thread.currentThread().isInterrupted())
                        .as("between two attempts")
                        .isFalse();
            }
        } finally {
            isOver.set(true);
            watch.join();
        }
        assertThat(Thread.interrupted()).isFalse();
    }
}
