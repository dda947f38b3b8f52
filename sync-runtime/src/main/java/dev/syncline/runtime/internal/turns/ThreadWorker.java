package dev.syncline.runtime.internal.turns;

import java.util.concurrent.TimeUnit;

/** Gives a loop a thread of its own. */
final class ThreadWorker implements Worker {

    private final Loop loop;
    private final Thread thread;

    ThreadWorker(String name, Loop loop) {
        this.loop = loop;
        this.thread = new Thread(this::run, name);
        this.thread.setDaemon(true);
    }

    private void run() {
        loop.begin();
        for (long rest; (rest = loop.turn(System.nanoTime())) != Loop.END; ) {
            if (rest > 0) {
                loop.rest(rest);
            }
        }
    }

    @Override
    public void start() {
        thread.start();
    }

    @Override
    public boolean isCurrent() {
        return thread == Thread.currentThread();
    }

    @Override
    public void interrupt() {
        thread.interrupt();
    }

    @Override
    public boolean join(long atMostNanos) throws InterruptedException {
        if (atMostNanos > 0) {
            TimeUnit.NANOSECONDS.timedJoin(thread, atMostNanos);
        }
        return !thread.isAlive();
    }

    @Override
    public String whereItIs() {
        return Whereabouts.of(thread);
    }
}
