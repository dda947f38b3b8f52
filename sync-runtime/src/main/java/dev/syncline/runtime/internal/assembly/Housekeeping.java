package dev.syncline.runtime.internal.assembly;

import dev.syncline.api.BrokerException;
import dev.syncline.runtime.internal.envelope.LogText;
import dev.syncline.runtime.internal.local.LocalBroker;
import dev.syncline.runtime.internal.outbox.Outbox;
import dev.syncline.runtime.internal.relay.Relay;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is done now and then, on one thread: makes room in the outbox, asks brokers that were away. */
final class Housekeeping {

    private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);

    private static final long EVERY_SECONDS = 2;

    private final String name;
    private final Outbox outbox;
    private final Relay relay;
    private final List<LocalBroker> locals;
    private final ParkStores parkStores;
    private final List<BrokerCheck> checks;
    private final InstantSource clock;
    private final ScheduledExecutorService executor;
    private volatile @Nullable String problem;

    Housekeeping(
            String name,
            Outbox outbox,
            Relay relay,
            Collection<LocalBroker> locals,
            ParkStores parkStores,
            List<BrokerCheck> checks,
            InstantSource clock) {
        this.name = name;
        this.outbox = outbox;
        this.relay = relay;
        this.locals = List.copyOf(locals);
        this.parkStores = parkStores;
        this.checks = checks;
        this.clock = clock;
        this.executor = Executors.newSingleThreadScheduledExecutor(task -> {
            var thread = new Thread(task, "syncline-" + name + "-housekeeping");
            thread.setDaemon(true);
            return thread;
        });
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the task contains its own failures
    void start() {
        executor.scheduleWithFixedDelay(this::run, EVERY_SECONDS, EVERY_SECONDS, TimeUnit.SECONDS);
    }

    void stop() {
        executor.shutdownNow();
        try {
            if (!executor.awaitTermination(10, TimeUnit.SECONDS)) {
                LOG.warn("{}: housekeeping does not end", name);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    List<String> problems() {
        var now = problem;
        return now == null ? List.of() : List.of(now);
    }

    private void run() {
        try {
            makeRoom();
            parkStores.compact();
            askBrokers();
            problem = null;
        } catch (RuntimeException failure) {
            if (problem == null) {
                LOG.error("{}: housekeeping failed, it goes on", name, failure);
            }
            problem = "housekeeping: " + LogText.of(String.valueOf(failure.getMessage()));
        }
    }

    private void makeRoom() {
        long lowest = relay.lowestNeeded();
        for (var local : locals) {
            lowest = Math.min(lowest, local.lowestNeeded());
        }
        int files = outbox.retain(lowest, clock.instant());
        if (files > 0) {
            LOG.info("{}: dropped {} files of the outbox that nobody needs any more", name, files);
        }
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
