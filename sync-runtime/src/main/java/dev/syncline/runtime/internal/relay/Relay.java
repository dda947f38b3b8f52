package dev.syncline.runtime.internal.relay;

import dev.syncline.api.OutboxException;
import dev.syncline.runtime.Rewound;
import dev.syncline.runtime.internal.outbox.Outbox;
import dev.syncline.runtime.internal.park.ParkedKey;
import dev.syncline.runtime.internal.streams.WakeSignal;
import dev.syncline.runtime.internal.turns.Loop;
import dev.syncline.runtime.internal.turns.Turns;
import dev.syncline.runtime.internal.turns.Worker;
import dev.syncline.spi.Broker;
import dev.syncline.spi.BrokerProducer;
import dev.syncline.spi.Position;
import dev.syncline.spi.TopicPartition;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ships what is in the outbox: takes each entry from there, hands it to the producer of its broker, and holds on to it
 * until the broker has confirmed it (S1, S7, S14).
 *
 * <p>Threading: one thread of its own, {@code syncline-<name>-relay}, runs {@link RelayDuty}; it sleeps while there is
 * nothing to do. Short-lived {@code …-relay-close} threads close producers. All methods of this class may be called by
 * any thread.
 *
 * <p>Owns the producers and the file of cursors in the outbox's directory. That there is one relay per outbox is the
 * directory lock's promise.
 *
 * <p>Hands on messages in batches, several on their way at once, in the order of the outbox for every key. Each is
 * handed on at least once: after a failure or a restart a destination goes on at its lowest entry that was not
 * confirmed.
 *
 * <p>When it fails: a broker that is away is tried again for ever; a message that is refused for good parks its key; a
 * destination that refuses is stopped, with a line in {@link #status}; the others go on. If the outbox itself cannot be read the relay begins anew from its
 * cursors.
 */
public final class Relay implements Loop, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Relay.class);

    /** Longest sleep: a bound to what a wake-up lost in a client could cost. */
    private static final long LONGEST_SLEEP = TimeUnit.SECONDS.toNanos(1);

    private static final long RESTART_PAUSE = TimeUnit.SECONDS.toNanos(1);
    private static final long CLOSE_PATIENCE = TimeUnit.SECONDS.toNanos(5);

    private final String application;
    private final RelaySettings settings;
    private final Outbox outbox;
    private final Map<String, Broker> brokers;
    private final Set<String> embedded;
    private final Map<String, OutgoingParking> parking;
    private final CursorStore store;
    private final Turns turns;
    private final RandomGenerator random;
    private final Confirmed confirmed = new Confirmed();
    private final WakeSignal wake = new WakeSignal();
    private final Outbox.Registration registration;
    private final Commands commands;
    private final Worker worker;
    private final Object statusMonitor = new Object();
    private final AtomicInteger statusWaiters = new AtomicInteger();
    private volatile RelayDuty duty;
    private volatile @Nullable String failure;
    private volatile boolean isClosing;
    private boolean isStarted;

    /**
     * Opens the relay of an outbox: reads its cursors, ships nothing yet. To be called before anything is appended, so
     * that cursors ahead of an outbox that lost its end are seen to be.
     *
     * @param application name of the application, for threads
     * @param store where the cursors are kept
     * @param brokers those to ship to, by the name under which entries name them
     * @param embedded names of brokers that read the outbox themselves; their entries are not shipped
     * @param parking where keys wait whose head a broker refuses for good, by broker; closed after the relay
     * @param turns who gives it its threads
     * @throws OutboxException if the cursors cannot be read
     */
    public static Relay open(
            String application,
            RelaySettings settings,
            Outbox outbox,
            CursorStore store,
            Map<String, Broker> brokers,
            Set<String> embedded,
            Map<String, OutgoingParking> parking,
            Turns turns) {
        return new Relay(application, settings, outbox, brokers, embedded, parking, store, turns);
    }

    private Relay(
            String application,
            RelaySettings settings,
            Outbox outbox,
            Map<String, Broker> brokers,
            Set<String> embedded,
            Map<String, OutgoingParking> parking,
            CursorStore store,
            Turns turns) {
        this.application = application;
        this.settings = settings;
        this.outbox = outbox;
        this.brokers = Map.copyOf(brokers);
        this.embedded = Set.copyOf(embedded);
        this.parking = Map.copyOf(parking);
        this.store = store;
        this.turns = turns;
        this.random = turns.random();
        this.commands = new Commands(wake::raise, turns);
        this.duty = newDuty();
        this.registration = outbox.onAppend(wake::raise);
        this.worker = turns.worker("syncline-" + application + "-relay", this);
    }

    /** Begins to ship. Once. */
    public synchronized void start() {
        if (isStarted || isClosing) {
            throw new IllegalStateException("the relay was started or closed already");
        }
        isStarted = true;
        worker.start();
    }

    /** How it stands; never older than some tens of milliseconds while it works. */
    public RelayStatus status() {
        var status = duty.status();
        var problem = failure;
        return problem == null
                ? status
                : new RelayStatus(status.destinations(), List.of(problem), status.unshipped(), status.shippedN());
    }

    /**
     * Where the newest of what this relay has shipped to a broker stands, by partition: at least of all that
     * {@link #status} says is shipped.
     */
    public Map<TopicPartition, Position> confirmed(String broker) {
        return confirmed.of(broker);
    }

    /**
     * Ships again what went to a broker from a time on; see {@link dev.syncline.runtime.Sync#rewind}. Looks for the time
     * on the caller's thread, then waits for a turn of the relay's.
     *
     * <p>Nobody may make room in the outbox meanwhile: what is to go again is found first and needed afterwards.
     *
     * @param broker one of those that it ships to
     * @throws OutboxException if the new place cannot be saved, or the relay fails
     * @throws IllegalStateException if it is closed
     */
    public Rewound rewind(String broker, Instant since) {
        if (!brokers.containsKey(broker)) {
            throw new IllegalArgumentException("nothing is shipped to broker " + broker);
        }
        try (var reader = outbox.newReader()) {
            if (!reader.next()) {
                return new Rewound(Optional.empty(), 0, outbox.lastN() == 0);
            }
            boolean isWhole = reader.n() == 1 || reader.appendedAtMillis() < since.toEpochMilli();
            reader.moveTo(since);
            if (!reader.next()) {
                return new Rewound(Optional.empty(), 0, isWhole);
            }
            var to = new Mark(reader.position(), reader.n() - 1);
            var from = Instant.ofEpochMilli(reader.appendedAtMillis());
            long entries = commands.call(() -> duty.rewind(broker, to, turns.nanoTime()));
            LOG.info("what went to broker {} since {} goes again, {} events at most", broker, from, entries);
            return new Rewound(entries > 0 ? Optional.of(from) : Optional.empty(), entries, isWhole);
        }
    }

    /** Where the keys wait whose head a broker refuses for good. */
    public Collection<OutgoingParking> parked() {
        return parking.values();
    }

    /** The dead head of a parked key is to be sent again; answers whether it still was one. */
    public CompletableFuture<Boolean> redrive(OutgoingParking of, ParkedKey key, long letter) {
        return commands.submit(() -> of.redrive(key, letter));
    }

    /** The dead head of a parked key is given up, alone; answers whether it still was one. */
    public CompletableFuture<Boolean> skip(OutgoingParking of, ParkedKey key, long letter, String who, String why) {
        return commands.submit(() -> of.skip(key, letter, who, why));
    }

    /** A parked key is given up; answers how many events, 0 if the letter was no dead head any more. */
    public CompletableFuture<Integer> drop(OutgoingParking of, ParkedKey key, long letter, String who, String why) {
        return commands.submit(() -> of.drop(key, letter, who, why));
    }

    /** Lowest outbox index that shipping still needs, now or after a restart; below it entries may be dropped. */
    public long lowestNeeded() {
        return duty.lowestNeeded();
    }

    /**
     * Waits until everything that is in the outbox now is confirmed by its broker.
     *
     * @return whether that came to be in time; false also if the relay is closed meanwhile
     */
    public boolean awaitShipped(Duration atMost) throws InterruptedException {
        long target = outbox.lastN();
        long deadline = turns.nanoTime() + atMost.toNanos();
        statusWaiters.incrementAndGet();
        try {
            synchronized (statusMonitor) {
                while (status().shippedN() < target) {
                    long left = deadline - turns.nanoTime();
                    if (isClosing || left <= 0) {
                        return false;
                    }
                    turns.await(statusMonitor, left);
                }
                return true;
            }
        } finally {
            statusWaiters.decrementAndGet();
        }
    }

    /**
     * Stops shipping, closes the producers and saves how far it came. Waits some seconds for clients at most.
     * Idempotent. To be called before outbox and brokers are closed.
     */
    @Override
    public void close() {
        boolean wasStarted;
        synchronized (this) {
            isClosing = true;
            wasStarted = isStarted;
        }
        registration.close();
        wake.raise();
        tellWaiters();
        if (wasStarted) {
            join();
        } else {
            commands.end("the relay is closed");
            duty.close();
        }
    }

    private void join() {
        boolean interrupted = false;
        for (boolean hasEnded = false; !hasEnded; ) {
            try {
                hasEnded = worker.join(Long.MAX_VALUE);
            } catch (InterruptedException interrupt) {
                interrupted = true; // the relay ends by itself within CLOSE_PATIENCE
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    // --- the loop

    @Override
    public long turn(long nowNanos) {
        if (isClosing) {
            end();
            return END;
        }
        try {
            return work(nowNanos);
        } catch (RuntimeException broken) {
            beginAnew(broken);
            return 0;
        } catch (Error fatal) {
            failure = "the relay has ended by " + fatal + ", nothing is shipped: restart the application";
            commands.end(failure);
            tellWaiters();
            throw fatal;
        }
    }

    private long work(long now) {
        wake.lower();
        commands.run();
        int work = duty.run(now);
        if (failure != null) {
            failure = null;
            LOG.info("the relay ships again");
        }
        return work == 0 && !isClosing ? Math.max(0, duty.nanosToNextTimer(now)) : 0;
    }

    @Override
    public void rest(long nanos) {
        wake.await(Math.min(nanos, LONGEST_SLEEP));
        if (Thread.interrupted()) {
            LOG.debug("the relay was interrupted, which ends nothing: close it");
        }
    }

    @Override
    public boolean hasInput(long nowNanos) {
        return wake.isRaised();
    }

    /** As after a crash of the process: from the cursors that were saved last. */
    private void beginAnew(RuntimeException broken) {
        LOG.error("the relay failed, it begins anew from its cursors", broken);
        failure = "the relay fails and is tried again every second, nothing is shipped: " + broken;
        commands.fail(failure);
        giveUpProducers();
        duty.close();
        while (!isClosing) {
            turns.rest(this, RESTART_PAUSE);
            try {
                duty = newDuty();
                return;
            } catch (RuntimeException again) {
                LOG.debug("the relay cannot begin", again);
            }
        }
    }

    private void end() {
        commands.end("the relay is closed");
        try {
            giveUpProducers();
            duty.save();
        } catch (RuntimeException broken) {
            LOG.warn("the relay did not end well: after a restart events may be repeated", broken);
        } finally {
            duty.close();
            tellWaiters();
        }
    }

    /** The order of keys depends on it: the next producer is made when the one before sends no more. */
    private void giveUpProducers() {
        duty.closeProducers();
        long begin = turns.nanoTime();
        for (wake.lower(); duty.isSending(); wake.lower()) {
            if (isClosing && turns.nanoTime() - begin > CLOSE_PATIENCE) {
                LOG.warn("a broker's client does not close, it is left behind");
                return;
            }
            turns.rest(this, LONGEST_SLEEP);
        }
    }

    private RelayDuty newDuty() {
        return new RelayDuty(
                settings,
                outbox,
                brokers,
                embedded,
                parking,
                store,
                this::closeElsewhere,
                random,
                wake::raise,
                this::tellWaiters,
                confirmed,
                turns.nanoTime());
    }

    private void closeElsewhere(BrokerProducer producer, Runnable whenClosed) {
        turns.once("syncline-" + application + "-relay-close", () -> {
            try {
                producer.close();
            } catch (RuntimeException failed) {
                LOG.warn("a producer did not close well", failed);
            } finally {
                whenClosed.run();
            }
        });
    }

    private void tellWaiters() {
        if (statusWaiters.get() > 0) {
            synchronized (statusMonitor) {
                statusMonitor.notifyAll();
            }
        }
    }
}
