package dev.syncline.runtime.internal.ingest;

import dev.syncline.runtime.internal.turns.Crew;
import dev.syncline.runtime.internal.turns.Loop;
import dev.syncline.runtime.internal.turns.Turns;
import dev.syncline.runtime.internal.turns.Worker;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/** Those of production with a time of the test's. */
public record LookedAtTurns(LongSupplier time) implements Turns {

    @Override
    public long nanoTime() {
        return time.getAsLong();
    }

    @Override
    public RandomGenerator random() {
        return Turns.threads().random();
    }

    @Override
    public long unique() {
        return Turns.threads().unique();
    }

    @Override
    public boolean mayBlock() {
        return true;
    }

    @Override
    public Worker worker(String name, Loop loop) {
        return Turns.threads().worker(name, loop);
    }

    @Override
    public Crew crew(String name, int threads) {
        return Turns.threads().crew(name, threads);
    }

    @Override
    public void once(String name, Runnable task) {
        Turns.threads().once(name, task);
    }

    @Override
    public void pause(long nanos) {
        Turns.threads().pause(nanos);
    }

    @Override
    public void rest(Loop loop, long nanos) {
        Turns.threads().rest(loop, nanos);
    }

    @Override
    public void await(Object monitor, long nanos) throws InterruptedException {
        Turns.threads().await(monitor, nanos);
    }

    @Override
    public <T> T join(CompletableFuture<T> answer) {
        return Turns.threads().join(answer);
    }
}
