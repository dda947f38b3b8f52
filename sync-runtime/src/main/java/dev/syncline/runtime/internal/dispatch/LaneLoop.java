package dev.syncline.runtime.internal.dispatch;

import dev.syncline.runtime.internal.turns.Loop;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a lane while there is work, else waits for its signal. */
final class LaneLoop implements Loop {

    private static final Logger LOG = LoggerFactory.getLogger(LaneLoop.class);

    /** Looks again after so long even if nothing woke it: bounds what a lost wake-up could cost, costs nothing. */
    private static final long LONGEST_PARK = TimeUnit.MILLISECONDS.toNanos(500);

    private static final int IDLE_TURNS_BEFORE_PARK = 100;

    private final Lane lane;
    private final LaneSignal signal;
    private int idle;
    private long now;
    private volatile boolean stopped;

    LaneLoop(Lane lane, LaneSignal signal) {
        this.lane = lane;
        this.signal = signal;
    }

    /** Ends the loop after the turn it is in. */
    void stop() {
        stopped = true;
        signal.wake();
    }

    @Override
    public void begin() {
        signal.attach();
    }

    @Override
    public long turn(long nowNanos) {
        if (stopped) {
            return END;
        }
        now = nowNanos;
        try {
            if (lane.run(nowNanos) > 0) {
                idle = 0;
                return 0;
            }
        } catch (LeftBehind gone) {
            return END;
        } catch (Throwable broken) { // of the lane itself: handling contains what handlers throw
            lane.onBroken(broken);
            throw broken;
        }
        long due = lane.nextDueNanos(nowNanos);
        return due == Long.MAX_VALUE ? UNTIL_INPUT : Math.max(0, due - nowNanos);
    }

    @Override
    public void rest(long nanos) {
        if (++idle < IDLE_TURNS_BEFORE_PARK) {
            Thread.onSpinWait();
            return;
        }
        idle = 0;
        signal.await(() -> hasInput(now), Math.min(nanos, LONGEST_PARK));
        if (Thread.interrupted() && !stopped) {
            LOG.debug("{} was interrupted between two attempts", lane);
        }
    }

    @Override
    public boolean hasInput(long nowNanos) {
        return stopped || lane.hasInput(nowNanos);
    }
}
