package dev.syncline.runtime.internal.turns;

import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/**
 * Gives the rooms of an instance their turns, and with them time, threads and chance. In production every loop has a
 * thread and time is the machine's. In simulation there is one thread: loops get turns in an order that a seed decides,
 * and when all of them rest, time jumps to whoever is due first.
 *
 * <p>Who waits for another room waits through here: in simulation the others get their turns meanwhile.
 *
 * <p>Threading: any.
 */
public interface Turns {

    /** Those of production. */
    static Turns threads() {
        return ThreadTurns.INSTANCE;
    }

    /** Monotonic time. */
    long nanoTime();

    /** Chance, one generator for each who asks; used by one thread at a time. */
    RandomGenerator random();

    /** 64 bits that nobody else gets. */
    long unique();

    /** Whether one may block until something comes from outside; if not, the rest after the turn does it. */
    boolean mayBlock();

    /**
     * A worker for a loop, not started.
     *
     * @param name of the thread, a daemon: what a process owes at its end it owes through close
     */
    Worker worker(String name, Loop loop);

    /** Threads for tasks, at most so many. */
    Crew crew(String name, int threads);

    /** Has a task done apart from the caller. */
    void once(String name, Runnable task);

    /** Waits so long, or shorter. */
    void pause(long nanos);

    /** A loop rests within its turn: until something comes in, at most for so long. */
    void rest(Loop loop, long nanos);

    /** Waits until notified, at most for so long. The monitor is held by the caller. */
    void await(Object monitor, long nanos) throws InterruptedException;

    /**
     * Waits for an answer.
     *
     * @throws java.util.concurrent.CompletionException if it failed
     */
    <T> T join(CompletableFuture<T> answer);
}
