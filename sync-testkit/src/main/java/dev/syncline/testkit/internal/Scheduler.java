package dev.syncline.testkit.internal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The only clock and the only thread of a simulated world. Tasks that are due get turns in an order that the seed
 * decides; when none is due, time jumps to the next one that will be. Equal seeds give equal runs: {@link #traceHash}.
 *
 * <p>A task that waits for others within its turn lets them have theirs from there, on top of it on the same stack; it
 * goes on when they are through.
 *
 * <p>Threading: one thread.
 */
public final class Scheduler {

    private static final long FNV_PRIME = 0x100000001b3L;

    private final SplittableRandom random;
    private final List<Task> tasks = new ArrayList<>();
    private final Deque<Task> stack = new ArrayDeque<>();
    private long now = 1_000_000_000L;
    private long skewNanos;
    private long steps;
    private long maxSteps = Long.MAX_VALUE;
    private long trace = 0xcbf29ce484222325L;
    private Consumer<String> onTurnEnd = name -> {};
    private Runnable onStep = () -> {};
    private int[] runnable = new int[64];

    /** A world at its beginning. */
    public Scheduler(long seed) {
        this.random = new SplittableRandom(seed);
    }

    /** Monotonic time. */
    public long nanoTime() {
        return now;
    }

    /** Wall time as nanoseconds since the world began: monotonic time and the jumps made so far. */
    public long wallNanos() {
        return now + skewNanos;
    }

    /** Wall time jumps; monotonic time does not. */
    public void jumpWallClock(long nanos) {
        skewNanos += nanos;
    }

    /** Chance that is part of the world's seed. */
    public RandomGenerator random() {
        return random.split();
    }

    /** Steps so far. */
    public long steps() {
        return steps;
    }

    /** After so many steps more {@link #step} throws. */
    public void allow(long furtherSteps) {
        maxSteps = steps + furtherSteps;
    }

    /** Called after each turn, with the name of the task. */
    public void onTurnEnd(Consumer<String> listener) {
        onTurnEnd = listener;
    }

    /** Called after each step that no other encloses. */
    public void onStep(Runnable listener) {
        onStep = listener;
    }

    /** Of all that happened, in order. */
    public long traceHash() {
        return trace;
    }

    /** Makes something part of the trace. */
    public void trace(String what, long detail) {
        trace = (trace ^ what.hashCode()) * FNV_PRIME;
        trace = (trace ^ detail) * FNV_PRIME;
    }

    /** Has something done outside of any process, that long from now. */
    public void after(long nanos, String name, Runnable action) {
        add(Task.once(name, null, now + nanos, action));
    }

    Task add(Task task) {
        tasks.add(task);
        return task;
    }

    @Nullable
    Task current() {
        return stack.peek();
    }

    /** Lets time pass to the end, or until the condition holds; whether it does. */
    public boolean run(long untilNanos, BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            if (!step(untilNanos)) {
                now = Math.max(now, untilNanos);
                return condition.getAsBoolean();
            }
        }
        return true;
    }

    /** One turn of one task; false if none is due until then. */
    public boolean step(long untilNanos) {
        int count = due();
        if (count == 0) {
            long next = nextDue();
            if (next > untilNanos || next == Task.ENDED) {
                return false;
            }
            now = Math.max(now, next);
            count = due();
        }
        if (++steps > maxSteps) {
            throw new StuckException("no end after " + steps + " steps of the simulation, at " + stack);
        }
        run(tasks.get(runnable[count == 1 ? 0 : random.nextInt(count)]));
        return true;
    }

    private int due() {
        int count = 0;
        for (int i = 0; i < tasks.size(); i++) {
            if (tasks.get(i).mayRun(now)) {
                if (count == runnable.length) {
                    runnable = java.util.Arrays.copyOf(runnable, 2 * count);
                }
                runnable[count++] = i;
            }
        }
        return count;
    }

    private long nextDue() {
        long next = Task.ENDED;
        for (var task : tasks) {
            if (!task.isRunning) {
                next = Math.min(next, task.dueNanos);
            }
        }
        return next;
    }

    private void run(Task task) {
        task.isRunning = true;
        stack.push(task);
        try {
            trace(task.name, now);
            task.run(now);
        } catch (ProcessDied died) {
            task.dueNanos = Task.ENDED;
        } catch (StuckException | ViolationError broken) {
            throw broken;
        } catch (RuntimeException | Error failure) {
            task.dueNanos = Task.ENDED;
            if (task.life == null) {
                throw failure;
            }
            task.life.onBroken(task.name, failure);
        } finally {
            stack.pop();
            task.isRunning = false;
            if (task.hasEnded()) {
                tasks.remove(task);
            }
        }
        if (task.life != null && !task.life.isDead()) {
            onTurnEnd.accept(task.name);
        }
        if (stack.isEmpty()) {
            onStep.run();
        }
    }

    void remove(Life life) {
        for (var task : List.copyOf(tasks)) {
            if (task.life == life) {
                task.dueNanos = Task.ENDED;
                tasks.remove(task);
            }
        }
    }

    /** The world does not come to an end. */
    public static final class StuckException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        StuckException(String message) {
            super(message);
        }
    }

    /** A promise was broken; goes through everything up to whoever runs the world. */
    public static final class ViolationError extends Error {

        private static final long serialVersionUID = 1L;

        /** With what was broken. */
        public ViolationError(String message) {
            super(message);
        }
    }
}
