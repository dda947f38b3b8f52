package dev.syncline.testkit.internal;

import dev.syncline.runtime.internal.turns.Crew;
import dev.syncline.runtime.internal.turns.Loop;
import dev.syncline.runtime.internal.turns.Turns;
import dev.syncline.runtime.internal.turns.Worker;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One life of a process, from its start to its end or death. All that it does to the world outside goes through
 * {@link #touch}, where it may die.
 */
public final class Life implements Turns {

    /** Looks again after so long, whatever its input says. */
    private static final long LONGEST_REST = TimeUnit.SECONDS.toNanos(5);

    private static final long LOOK_AGAIN = TimeUnit.MILLISECONDS.toNanos(1);

    private final Scheduler scheduler;
    private final List<Task> news = new ArrayList<>();
    private Danger danger = (where, isDone) -> false;
    private boolean isDead;
    private @Nullable Throwable broken;

    /** A process that begins to live. */
    public Life(Scheduler scheduler) {
        this.scheduler = scheduler;
    }

    /** Says where the process dies. */
    public interface Danger {

        /**
         * Asked before and after everything that the process does to the world outside.
         *
         * @param isDone whether it is done already
         * @return whether the process dies here
         */
        boolean isFatal(String where, boolean isDone);
    }

    /** Where it dies from now on. */
    public void danger(Danger where) {
        danger = where;
    }

    /** Whether it has died. */
    public boolean isDead() {
        return isDead;
    }

    /** What ended a loop that should not have ended; null if nothing did. */
    public @Nullable Throwable broken() {
        return broken;
    }

    void onBroken(String task, Throwable failure) {
        if (!isDead && broken == null) {
            broken = new IllegalStateException(task + " ended by " + failure, failure);
        }
    }

    /** Dies on the spot. */
    public void die() {
        isDead = true;
        scheduler.trace("dies", scheduler.nanoTime());
        scheduler.remove(this);
    }

    /** Throws if it has died. */
    public void requireAlive(String where) {
        if (isDead) {
            throw new ProcessDied(where);
        }
    }

    /** Does something to the world outside, before or after which it may die. */
    public <T> T touch(String where, Supplier<T> action) {
        requireAlive(where);
        scheduler.trace(where, 0);
        if (danger.isFatal(where, false)) {
            die();
            throw new ProcessDied("before " + where);
        }
        T result = action.get();
        requireAlive(where);
        if (danger.isFatal(where, true)) {
            die();
            throw new ProcessDied("after " + where);
        }
        return result;
    }

    /** As the other, without a result. */
    public void touch(String where, Runnable action) {
        touch(where, () -> {
            action.run();
            return true;
        });
    }

    /** Something came from outside: whoever polls looks at once. */
    public void bell() {
        long now = scheduler.nanoTime();
        for (var task : news) {
            if (!task.hasEnded()) {
                task.dueNanos = Math.min(task.dueNanos, now);
            }
        }
    }

    @Override
    public long nanoTime() {
        return scheduler.nanoTime();
    }

    @Override
    public RandomGenerator random() {
        return scheduler.random();
    }

    @Override
    public long unique() {
        return scheduler.random().nextLong();
    }

    @Override
    public boolean mayBlock() {
        return false;
    }

    @Override
    public Worker worker(String name, Loop loop) {
        return new LoopWorker(name, loop);
    }

    @Override
    public Crew crew(String name, int threads) {
        return new Tasks(name, threads);
    }

    @Override
    public void once(String name, Runnable task) {
        scheduler.add(Task.once(name, this, scheduler.nanoTime(), task));
    }

    @Override
    public void pause(long nanos) {
        await(scheduler.nanoTime() + nanos, () -> false);
    }

    @Override
    public void rest(Loop loop, long nanos) {
        await(scheduler.nanoTime() + nanos, () -> loop.hasInput(scheduler.nanoTime()));
    }

    @Override
    public void await(Object monitor, long nanos) {
        pause(Math.min(nanos, LOOK_AGAIN));
    }

    @Override
    public <T> T join(CompletableFuture<T> answer) {
        while (!answer.isDone()) {
            pause(LOOK_AGAIN);
        }
        return answer.join();
    }

    private boolean await(long untilNanos, BooleanSupplier condition) {
        requireAlive("waiting");
        boolean holds = scheduler.run(untilNanos, () -> isDead || condition.getAsBoolean());
        requireAlive("waiting");
        return holds;
    }

    private final class LoopWorker implements Worker {

        private final String name;
        private final Loop loop;
        private @Nullable Task task;
        private boolean hasBegun;

        LoopWorker(String name, Loop loop) {
            this.name = name;
            this.loop = loop;
        }

        private long turn(long now) {
            if (!hasBegun) {
                hasBegun = true;
                loop.begin();
            }
            long rest = loop.turn(now);
            return rest == Loop.END ? Task.ENDED : nanoTime() + Math.min(rest, LONGEST_REST);
        }

        @Override
        public void start() {
            requireAlive("starting " + name);
            var started = new Task(name, Life.this, nanoTime(), this::turn, loop::hasInput);
            task = scheduler.add(started);
            if (name.endsWith("-poll")) {
                news.add(started);
            }
        }

        @Override
        @SuppressWarnings("ReferenceEquality") // this very task
        public boolean isCurrent() {
            return task != null && scheduler.current() == task;
        }

        @Override
        public void interrupt() {
            // nothing blocks
        }

        @Override
        public boolean join(long atMostNanos) {
            var started = task;
            return started == null
                    || started.hasEnded()
                    || (atMostNanos > 0
                            && await(
                                    atMostNanos > Long.MAX_VALUE / 2 ? Long.MAX_VALUE / 2 : nanoTime() + atMostNanos,
                                    started::hasEnded));
        }

        @Override
        public String whereItIs() {
            return " " + name;
        }
    }

    private final class Tasks implements Crew {

        private final String name;
        private final Deque<Runnable> waiting = new ArrayDeque<>();
        private int free;
        private boolean hasEnded;

        Tasks(String name, int threads) {
            this.name = name;
            this.free = threads;
        }

        @Override
        public void execute(Runnable task) {
            if (hasEnded) {
                throw new RejectedExecutionException(name + " has ended");
            }
            waiting.add(task);
            next();
        }

        private void next() {
            if (free > 0 && !waiting.isEmpty()) {
                free--;
                var task = waiting.remove();
                once(name, () -> {
                    try {
                        task.run();
                    } finally {
                        free++;
                        next();
                    }
                });
            }
        }

        @Override
        public void grow(int threads) {
            free += threads;
            next();
        }

        @Override
        public void end() {
            hasEnded = true;
            waiting.clear();
        }
    }
}
