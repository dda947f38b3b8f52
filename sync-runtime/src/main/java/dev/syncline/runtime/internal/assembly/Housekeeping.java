package dev.syncline.runtime.internal.assembly;

import dev.syncline.api.BrokerException;
import dev.syncline.runtime.internal.envelope.LogText;
import dev.syncline.runtime.internal.local.LocalBroker;
import dev.syncline.runtime.internal.outbox.Outbox;
import dev.syncline.runtime.internal.relay.Relay;
import dev.syncline.runtime.internal.turns.Loop;
import dev.syncline.runtime.internal.turns.Turns;
import dev.syncline.runtime.internal.turns.Worker;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is done now and then, on one thread: makes room in the outbox, asks brokers that were away. */
final class Housekeeping implements Loop {

    private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);

    private static final long EVERY = TimeUnit.SECONDS.toNanos(2);
    /** Another life of the data directory: a backup that is put back is told if it is older than that. */
    private static final long RENEW_EVERY = TimeUnit.HOURS.toNanos(1);

    private static final long STOP_PATIENCE = TimeUnit.SECONDS.toNanos(10);

    private final String name;
    private final Outbox outbox;
    private final Relay relay;
    private final List<LocalBroker> locals;
    private final HandlerStores stores;
    private final List<BrokerCheck> checks;
    private final InstantSource clock;
    private final Object roomMonitor = new Object();
    private final Turns turns;
    private final Worker worker;
    private long renewedNanos;
    private boolean hasRested;
    private volatile boolean isStopped;
    private volatile @Nullable String problem;

    Housekeeping(
            String name,
            Outbox outbox,
            Relay relay,
            Collection<LocalBroker> locals,
            HandlerStores stores,
            List<BrokerCheck> checks,
            InstantSource clock,
            Turns turns) {
        this.name = name;
        this.outbox = outbox;
        this.relay = relay;
        this.locals = List.copyOf(locals);
        this.stores = stores;
        this.checks = checks;
        this.clock = clock;
        this.turns = turns;
        this.renewedNanos = turns.nanoTime();
        this.worker = turns.worker("syncline-" + name + "-housekeeping", this);
    }

    void start() {
        worker.start();
    }

    void stop() {
        isStopped = true;
        worker.interrupt();
        try {
            if (!worker.join(STOP_PATIENCE)) {
                LOG.warn("{}: housekeeping does not end", name);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public long turn(long nowNanos) {
        if (isStopped) {
            return END;
        }
        if (hasRested) {
            run();
        }
        hasRested = true;
        return EVERY;
    }

    @Override
    public void rest(long nanos) {
        long end = turns.nanoTime() + nanos;
        for (long left = nanos; left > 0 && !isStopped && !Thread.interrupted(); left = end - turns.nanoTime()) {
            turns.pause(left);
        }
    }

    @Override
    public boolean hasInput(long nowNanos) {
        return isStopped;
    }

    List<String> problems() {
        var now = problem;
        return now == null ? List.of() : List.of(now);
    }

    private void run() {
        try {
            makeRoom();
            stores.compact();
            stores.compact();
            stores.inboxes().saveProgress();
            outbox.noteInUse();
            renewLife();
            askBrokers();
            problem = null;
        } catch (RuntimeException failure) {
            if (problem == null) {
                LOG.error("{}: housekeeping failed, it goes on", name, failure);
            }
            problem = "housekeeping: " + LogText.of(String.valueOf(failure.getMessage()));
        }
    }

    /** Does something during which nothing of the outbox is dropped. */
    <T> T withoutMakingRoom(Supplier<T> work) {
        synchronized (roomMonitor) {
            return work.get();
        }
    }

    private void renewLife() {
        long now = turns.nanoTime();
        if (now - renewedNanos >= RENEW_EVERY) {
            stores.lives().renew(turns.unique());
            renewedNanos = now;
        }
    }

    private void makeRoom() {
        int files;
        synchronized (roomMonitor) {
            files = dropWhatNobodyNeeds();
        }
        if (files > 0) {
            LOG.info("{}: dropped {} files of the outbox that nobody needs any more", name, files);
        }
    }

    private int dropWhatNobodyNeeds() {
        long lowest = relay.lowestNeeded();
        for (var local : locals) {
            lowest = Math.min(lowest, local.lowestNeeded());
        }
        return outbox.retain(lowest, clock.instant());
    }

    private void askBrokers() {
        for (var check : new ArrayList<>(checks)) {
            if (check.isOpen()) {
                try {
                    check.run();
                } catch (BrokerException stillAway) {
                    LOG.debug("{}: {}", name, stillAway.getMessage());
                }
            }
        }
    }
}
