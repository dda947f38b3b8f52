package dev.syncline.runtime.internal.dispatch;

import dev.syncline.runtime.internal.turns.Loop;
import dev.syncline.runtime.internal.turns.Turns;
import dev.syncline.runtime.internal.turns.Worker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks now and then at the attempts that run in an instance, on a thread of its own, since a lane whose handler hangs
 * cannot look itself. It interrupts what is late and lets lanes go on without what does not react (L8).
 *
 * <p>It looks so often that an attempt is judged at most a twentieth of its timeout, and at most half a second, late.
 */
public final class AttemptWatch implements Loop {

    private static final Logger LOG = LoggerFactory.getLogger(AttemptWatch.class);

    private static final long LONGEST_REST = TimeUnit.MILLISECONDS.toNanos(500);
    private static final int LOOKS_PER_TIMEOUT = 20;

    private final String name;
    private final List<Lanes> all;
    private final Turns turns;
    private final Worker worker;
    private final long rest;
    private volatile boolean isStopped;

    /** A watch over those of the lanes that have a timeout. */
    public AttemptWatch(String name, List<Lanes> lanes, Turns turns) {
        this.name = name;
        this.all = lanes.stream().filter(one -> !one.timeout().isZero()).toList();
        this.turns = turns;
        this.worker = turns.worker("syncline-" + name + "-watch", this);
        this.rest = all.stream()
                .mapToLong(one -> one.timeout().toNanos() / LOOKS_PER_TIMEOUT)
                .reduce(LONGEST_REST, Math::min);
    }

    /** Begins, if there is anything to watch. */
    public void start() {
        if (!all.isEmpty()) {
            worker.start();
        }
    }

    /** Ends. */
    public void stop() {
        isStopped = true;
        worker.interrupt();
    }

    @Override
    public long turn(long nowNanos) {
        if (isStopped) {
            return END;
        }
        try {
            all.forEach(lanes -> lanes.look(nowNanos));
        } catch (RuntimeException unexpected) {
            LOG.error("{}: the watch over attempts failed, it goes on", name, unexpected);
        }
        return rest;
    }

    @Override
    public void rest(long nanos) {
        turns.pause(nanos);
    }

    @Override
    public boolean hasInput(long nowNanos) {
        return isStopped;
    }

    /** How long it rests between two looks. */
    Duration interval() {
        return Duration.ofNanos(rest);
    }
}
