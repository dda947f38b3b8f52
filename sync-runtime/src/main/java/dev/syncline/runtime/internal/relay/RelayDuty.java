package dev.syncline.runtime.internal.relay;

import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.outbox.Outbox;
import dev.syncline.runtime.internal.streams.OutboxCursor;
import dev.syncline.spi.Broker;
import dev.syncline.spi.Position;
import dev.syncline.spi.SendResult;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The body of the relay's loop: takes answers, lets the core decide, does its steps, reads the outbox, sends, saves the
 * cursors. A bounded amount of work per turn; it never waits and reads no clock. What it knows beyond the cursors is
 * volatile: thrown away at any moment and made anew, it goes on at the lowest entries that were not confirmed.
 *
 * <p>Threading: one thread, except {@link #status} and the answers of producers.
 */
final class RelayDuty implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RelayDuty.class);

    private static final int SIGNALS_PER_TURN = 4096;
    private static final int READS_PER_TURN = 1024;
    private static final long PUBLISH_EVERY = TimeUnit.MILLISECONDS.toNanos(50);

    private final Runnable wake;
    private final Runnable onStatus;
    private final Confirmed confirmed;
    private final RelayCore core;
    private final Destinations destinations;
    private final Producers producers;
    private final ParkedOutgoing parked;
    private final Progress progress;
    private final ConcurrentLinkedQueue<Object> signals = new ConcurrentLinkedQueue<>();

    private long now;
    private boolean isStatusOld = true;
    private long publishedAt;
    private volatile RelayStatus status;

    /**
     * Goes on where the cursors say.
     *
     * @param brokers those to ship to, by name
     * @param embedded names of brokers that read the outbox themselves
     * @param parking where keys wait whose head a broker refuses; such a broker that has none stops the destination
     * @param wake called on any thread when an answer has come
     * @param onStatus called when {@link #status} is a new one
     * @param confirmed told of what was shipped, before {@link #status} says so
     */
    RelayDuty(
            RelaySettings settings,
            Outbox outbox,
            Map<String, Broker> brokers,
            Set<String> embedded,
            Map<String, OutgoingParking> parking,
            CursorStore store,
            ProducerCloser closer,
            RandomGenerator random,
            Runnable wake,
            Runnable onStatus,
            Confirmed confirmed,
            long nowNanos) {
        this.wake = wake;
        this.onStatus = onStatus;
        this.confirmed = confirmed;
        this.now = nowNanos;
        this.publishedAt = nowNanos;
        var known = Map.copyOf(brokers);
        var backoff = new Backoff(
                settings.firstBackoff().toNanos(), settings.maxBackoff().toNanos(), random);
        core = new RelayCore(settings, known.keySet(), backoff);
        producers = new Producers(known, settings, core, closer, this::signal);
        parked =
                new ParkedOutgoing(Map.copyOf(parking), known, settings, core, backoff, closer, this::signal, nowNanos);
        var end = new Mark(new Position(outbox.lastIndex() + 1, 0), outbox.lastN());
        progress = new Progress(store, settings.saveEvery().toNanos(), end, nowNanos);
        parked.begin(progress.saved());
        destinations = new Destinations(outbox, core, Set.copyOf(embedded), this::take, progress.saved(), nowNanos);
        status = destinations.status(null);
    }

    /**
     * One turn.
     *
     * @return how much was done; 0 says that there is nothing to do before {@link #nanosToNextTimer}, or an append or
     *     an answer
     */
    int run(long nowNanos) {
        now = nowNanos;
        int work = takeSignals();
        core.onTime(now);
        work += doSteps();
        work += destinations.poll(READS_PER_TURN, now);
        producers.sendAll(now);
        parked.settle(now);
        work += doSteps() + parked.send(destinations, now);
        boolean hasNew = destinations.hasNew();
        if (core.hasAdvanced() || hasNew) {
            progress.changed();
        }
        isStatusOld |= work > 0;
        if (progress.isDue(destinations.read(), now)) {
            save(now);
        }
        if (isStatusOld && (work == 0 || now - publishedAt >= PUBLISH_EVERY)) {
            publishStatus();
        }
        return work;
    }

    private boolean take(Flow flow, OutboxCursor entry) {
        return parked.take(flow, entry, now) || producers.add(flow, entry, now);
    }

    /** When {@link #run} has something to do even if nothing comes. */
    long nanosToNextTimer(long nowNanos) {
        return Math.min(
                Math.min(core.nanosToNextTimer(nowNanos), parked.nanosToNextTimer(nowNanos)),
                progress.nanosToNextTimer(destinations.read(), nowNanos));
    }

    /** How it stands, as of the last turn that changed much. Any thread. */
    RelayStatus status() {
        return status;
    }

    /** Lowest index that a relay made anew from what is saved would need. Any thread. */
    long lowestNeeded() {
        return progress.lowestNeeded();
    }

    /** Saves how far it is, with the answers that have come since the last turn. */
    void save() {
        for (int taken = 1; taken > 0; ) {
            taken = takeSignals();
        }
        save(now);
    }

    private void save(long nowNanos) {
        isStatusOld |= progress.save(destinations.cursors(), nowNanos);
    }

    /**
     * All destinations of a broker that are beyond a mark go on there again (S26). Saved before it returns.
     *
     * @return how many entries go again, at most
     * @throws OutboxException if that cannot be saved: they go again even so, unless this relay is made anew before
     */
    long rewind(String broker, Mark to, long nowNanos) {
        now = nowNanos;
        long entries = 0;
        boolean isAny = false;
        for (var flow : destinations.of(broker)) {
            var at = destinations.mark(flow);
            if (at.isAfter(to)) {
                isAny = true;
                entries = Math.max(entries, at.nBefore() - to.nBefore());
                core.rewind(flow, to, now);
            }
        }
        if (isAny) {
            confirmed.forget(broker);
            doSteps();
            save(now);
            publishStatus();
            var unsaved = progress.problem();
            if (unsaved != null) {
                throw new OutboxException(unsaved);
            }
        }
        return entries;
    }

    /** Begins to close every producer: what is unanswered is abandoned. There must be no turn after this. */
    void closeProducers() {
        producers.closeAll(now);
        parked.close();
    }

    /** Whether a producer may still send. Any thread. */
    boolean isSending() {
        return producers.isSending() || parked.isSending();
    }

    /** Lets go of the outbox. Closes no producer. */
    @Override
    public void close() {
        destinations.close();
    }

    // --- answers

    private void signal(Object signal) {
        signals.add(signal);
        wake.run();
    }

    private int takeSignals() {
        int taken = 0;
        for (Object signal; taken < SIGNALS_PER_TURN && (signal = signals.poll()) != null; taken++) {
            if (signal instanceof Batch.Answer answer) {
                onAnswer(answer);
            } else if (signal instanceof ParkedSender.Answer answer) {
                answer.sender().onAnswer(answer, now);
            } else if (signal instanceof ParkedSender sender) {
                sender.onClosed();
            } else if (signal instanceof Session closed) {
                core.onClosed(closed, now);
            } else {
                throw new AssertionError(signal);
            }
        }
        return taken;
    }

    private void onAnswer(Batch.Answer answer) {
        if (answer.result() instanceof SendResult.Sent sent) {
            confirmed.add(answer.flow().destination.broker(), sent.partition(), sent.position());
        }
        boolean isLoss = isLoss(answer);
        core.onAnswer(answer.flow(), answer.ticket(), parked.note(answer), now);
        if (isLoss) {
            onLoss(answer.flow());
        }
    }

    private static boolean isLoss(Batch.Answer answer) {
        return answer.result() instanceof SendResult.Failed failed
                && failed.reason().isDataLost()
                && answer.flow().window.isPending(answer.ticket());
    }

    /**
     * The broker has lost what it had confirmed (S26): all that is retained goes again, of all its topics, since the others
     * may not have found out yet; before anything new, or that would make what comes again look like repeats.
     */
    private void onLoss(Flow flow) {
        var broker = flow.destination.broker();
        LOG.error(
                "{}: the broker has lost what it had confirmed; all that the outbox retains of it goes again", broker);
        try {
            rewind(broker, Mark.START, now);
        } catch (OutboxException unsaved) {
            LOG.error("{}: a crash before the disk is well again would forget that", broker, unsaved);
        }
    }

    // --- what the core wants

    private int doSteps() {
        int done = 0;
        for (var steps = core.steps(); !steps.isEmpty(); steps = core.steps()) {
            steps.forEach(this::perform);
            done += steps.size();
        }
        return done;
    }

    private void perform(RelayStep step) {
        if (step instanceof RelayStep.Close close) {
            producers.close(close.session(), now);
        } else if (step instanceof RelayStep.Restart restart) {
            destinations.moveTo(restart.flow(), restart.from());
        } else if (step instanceof RelayStep.Resume resume) {
            destinations.ready(resume.flow());
        } else if (step instanceof RelayStep.Report report) {
            tell(report.flow(), report.problem());
        } else {
            throw new AssertionError(step);
        }
    }

    private static void tell(Flow flow, @Nullable Problem problem) {
        if (problem == null) {
            LOG.info("{} is shipped again", flow.destination);
        } else if (problem.kind() == Problem.Kind.AWAY) {
            LOG.warn("{}", problem.text());
        } else {
            LOG.error("{}", problem.text());
        }
    }

    private void publishStatus() {
        isStatusOld = false;
        publishedAt = now;
        status = destinations.status(progress.problem());
        onStatus.run();
    }
}
