package dev.syncline.testkit.internal;

import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/** What gets turns from a scheduler. */
final class Task {

    /** As the time at which it is due: never again. */
    static final long ENDED = Long.MAX_VALUE;

    final String name;
    final @Nullable Life life;
    private final Turn turn;
    private final Input input;
    long dueNanos;
    boolean isRunning;

    /**
     * A task.
     *
     * @param life the process it belongs to; null for what happens outside of any
     */
    Task(String name, @Nullable Life life, long dueNanos, Turn turn, Input input) {
        this.name = name;
        this.life = life;
        this.dueNanos = dueNanos;
        this.turn = turn;
        this.input = input;
    }

    boolean hasEnded() {
        return dueNanos == ENDED;
    }

    boolean mayRun(long now) {
        return !isRunning && !hasEnded() && (dueNanos <= now || input.isThere(now));
    }

    void run(long now) {
        dueNanos = turn.run(now);
    }

    /** One turn: when the next one is due, or {@link #ENDED}. */
    interface Turn {
        long run(long now);
    }

    /** Whether something came in that makes it due before its time. */
    interface Input {
        boolean isThere(long now);
    }

    /** A task that is due once. */
    static Task once(String name, @Nullable Life life, long dueNanos, Runnable action) {
        LongUnaryOperator turn = now -> {
            action.run();
            return ENDED;
        };
        return new Task(name, life, dueNanos, turn::applyAsLong, now -> false);
    }
}
