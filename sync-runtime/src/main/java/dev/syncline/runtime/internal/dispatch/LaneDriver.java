package dev.syncline.runtime.internal.dispatch;

import dev.syncline.runtime.internal.handling.Attempt;
import dev.syncline.runtime.internal.turns.Turns;
import dev.syncline.runtime.internal.turns.Worker;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Gives a lane its thread, and another one when that is stuck in an attempt that does not react to interruption: the
 * stuck one ends with its attempt.
 *
 * <p>Threading: any; {@link #look} by the one that watches.
 */
final class LaneDriver {

    private final String name;
    private final Lane lane;
    private final LaneSignal signal;
    private final Turns turns;
    private final List<Worker> stuck = new CopyOnWriteArrayList<>();
    private LaneLoop loop;
    private volatile Worker worker;
    private int replaced;
    private boolean isStopped;

    LaneDriver(String name, Lane lane, LaneSignal signal, Turns turns) {
        this.name = name;
        this.lane = lane;
        this.signal = signal;
        this.turns = turns;
        this.loop = new LaneLoop(lane, signal);
        this.worker = turns.worker(name, loop);
    }

    void start() {
        worker.start();
    }

    /** Looks at how long the lane's attempts run. */
    void look(long now) {
        lane.watch().look(now, this::leaveBehind);
    }

    private void leaveBehind(Attempt attempt) {
        if (signal.leaveBehind(attempt)) {
            lane.onLeftBehind(attempt);
            replace();
        } else {
            lane.leaveBehindSoon(attempt);
        }
    }

    private synchronized void replace() {
        stuck.add(worker);
        loop = new LaneLoop(lane, signal);
        if (isStopped) {
            loop.stop();
        }
        worker = turns.worker(name + "-" + ++replaced, loop);
        worker.start();
    }

    synchronized void stop() {
        isStopped = true;
        loop.stop();
    }

    boolean isCurrent() {
        return worker.isCurrent() || stuck.stream().anyMatch(Worker::isCurrent);
    }

    void interrupt() {
        worker.interrupt();
        stuck.forEach(Worker::interrupt);
    }

    /** Waits for the ends of its threads; tells whether they have ended. */
    boolean join(long endNanos) throws InterruptedException {
        boolean ended = worker.join(endNanos - turns.nanoTime());
        for (var one : stuck) {
            ended &= one.join(endNanos - turns.nanoTime());
        }
        return ended;
    }

    /** Where it is; empty if it does nothing just now. */
    String whereItIs() {
        var text = new StringBuilder(signal.isParked() ? "" : worker.whereItIs());
        stuck.forEach(one -> text.append(one.whereItIs()));
        return text.toString();
    }
}
