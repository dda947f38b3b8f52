package dev.syncline.runtime.internal.turns;

import java.security.SecureRandom;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/** A thread for each, and the machine's time. */
final class ThreadTurns implements Turns {

    static final ThreadTurns INSTANCE = new ThreadTurns();

    private static final int IDLE_SECONDS = 10;

    private ThreadTurns() {}

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public RandomGenerator random() {
        return new SplittableRandom();
    }

    @Override
    public long unique() {
        return new SecureRandom().nextLong();
    }

    @Override
    public boolean mayBlock() {
        return true;
    }

    @Override
    public Worker worker(String name, Loop loop) {
        return new ThreadWorker(name, loop);
    }

    @Override
    public Crew crew(String name, int threads) {
        var number = new AtomicInteger();
        return new Threads(threads, task -> {
            var thread = new Thread(task, threads == 1 ? name : name + "-" + number.getAndIncrement());
            thread.setDaemon(true);
            return thread;
        });
    }

    @Override
    public void once(String name, Runnable task) {
        var thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void pause(long nanos) {
        LockSupport.parkNanos(nanos);
    }

    @Override
    public void rest(Loop loop, long nanos) {
        loop.rest(nanos);
    }

    @Override
    public void await(Object monitor, long nanos) throws InterruptedException {
        TimeUnit.NANOSECONDS.timedWait(monitor, nanos);
    }

    @Override
    public <T> T join(CompletableFuture<T> answer) {
        return answer.join();
    }

    private static final class Threads extends ThreadPoolExecutor implements Crew {

        Threads(int threads, ThreadFactory factory) {
            super(threads, threads, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), factory);
            allowCoreThreadTimeOut(true);
        }

        @Override
        public synchronized void grow(int threads) {
            int size = getCorePoolSize() + threads;
            if (threads > 0) { // neither may pass the other
                setMaximumPoolSize(size);
                setCorePoolSize(size);
            } else {
                setCorePoolSize(size);
                setMaximumPoolSize(size);
            }
        }

        @Override
        public void end() {
            shutdownNow();
        }
    }
}
