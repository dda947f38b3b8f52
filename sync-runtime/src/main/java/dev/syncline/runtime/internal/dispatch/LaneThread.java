package dev.syncline.runtime.internal.dispatch;

import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives a lane its thread: runs it while there is work, else waits for its signal. */
final class LaneThread {

    private static final Logger LOG = LoggerFactory.getLogger(LaneThread.class);

    /** Looks again after so long even if nothing woke it: bounds what a lost wake-up could cost, costs nothing. */
    private static final long LONGEST_PARK = TimeUnit.MILLISECONDS.toNanos(500);

    private static final int IDLE_TURNS_BEFORE_PARK = 100;

    private final Lane lane;
    private final LaneSignal signal;
    private final Thread thread;
    private volatile boolean stopped;

    LaneThread(String name, Lane lane, LaneSignal signal) {
        this.lane = lane;
        this.signal = signal;
        this.thread = new Thread(this::loop, name);
        this.thread.setDaemon(true); // what a process owes at its end it owes through close()
    }

    void start() {
        thread.start();
    }

    /** Ends the loop after the turn it is in. */
    void stop() {
        stopped = true;
        signal.wake();
    }

    boolean isCurrent() {
        return thread == Thread.currentThread();
    }

    void interrupt() {
        thread.interrupt();
    }

    /** Where the work is that it does; empty if it does none. */
    String whereItIs() {
        return signal.isParked() ? "" : Whereabouts.of(thread);
    }

    boolean join(long atMostNanos) throws InterruptedException {
        TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, atMostNanos));
        return !thread.isAlive();
    }

    private void loop() {
        signal.attach();
        try {
            turns();
        } catch (Throwable broken) { // of the lane itself: handling contains what handlers throw
            lane.onBroken(broken);
            throw broken;
        }
    }

    private void turns() {
        int idle = 0;
        while (!stopped) {
            long now = System.nanoTime();
            if (lane.run(now) > 0) {
                idle = 0;
            } else if (++idle < IDLE_TURNS_BEFORE_PARK) {
                Thread.onSpinWait();
            } else {
                idle = 0;
                long due = lane.nextDueNanos(now);
                long wait = due == Long.MAX_VALUE ? LONGEST_PARK : Math.min(LONGEST_PARK, due - now);
                if (wait > 0) {
                    signal.await(() -> stopped || lane.hasInput(now), wait);
                }
                if (Thread.interrupted() && !stopped) {
                    LOG.debug("{} was interrupted between two attempts", lane);
                }
            }
        }
    }
}
