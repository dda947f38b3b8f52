package dev.syncline.runtime.internal.ingest;

import dev.syncline.api.BrokerException;
import dev.syncline.runtime.internal.dispatch.Lanes;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.envelope.LogText;
import dev.syncline.runtime.internal.settle.Budget;
import dev.syncline.runtime.internal.turns.Loop;
import dev.syncline.runtime.internal.turns.Turns;
import dev.syncline.runtime.internal.turns.Worker;
import dev.syncline.runtime.internal.wiring.HandlerPlan;
import dev.syncline.spi.Broker;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.Subscription;
import dev.syncline.spi.TopicPartition;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The room that takes messages from one broker for one handler. Its own poll thread runs it. It owns the consumer and
 * the windows of the partitions that are ours, and hands each event on to a lane. When lanes are full it pauses
 * partitions and goes on polling; when the broker is away it waits and says so; what is not settled is never
 * acknowledged.
 */
public final class Ingest implements Loop {

    private static final Logger LOG = LoggerFactory.getLogger(Ingest.class);

    private static final long FIRST_BACKOFF = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long LONGEST_BACKOFF = TimeUnit.SECONDS.toNanos(1);

    /** How long a consumer may take to give its partitions up. */
    private static final Duration CONSUMER_PATIENCE = Duration.ofSeconds(15);

    private final String handler;
    private final Lanes lanes;
    private final Budget budget;
    private final IngestDuty duty;
    private final Turns turns;
    private final Worker worker;
    private final Object stopping = new Object();
    private volatile long stopAtNanos;
    private volatile boolean isStopping;
    private volatile @Nullable Thread resting;
    private String lastProblem = "";
    private long backoff = FIRST_BACKOFF;
    private boolean isDraining;

    /**
     * Makes the consumer; {@link #start} gives it a thread.
     *
     * @param name prefix of the threads' names
     * @param mark kept beside every position
     * @param gate opens each partition before it is read
     * @param turns who gives it its thread
     */
    public Ingest(
            String name,
            HandlerPlan plan,
            Broker broker,
            Subscription subscription,
            Lanes lanes,
            Function<Received, Envelope> reader,
            StoreMark mark,
            PartitionGate gate,
            Turns turns) {
        this.handler = plan.id();
        this.lanes = lanes;
        this.budget = new Budget(plan.policy().maxBytes(), plan.policy().concurrency());
        this.duty = new IngestDuty(
                handler,
                broker,
                subscription,
                lanes,
                reader,
                budget,
                plan.policy().maxUncommitted(),
                mark,
                gate,
                turns);
        this.turns = turns;
        this.worker = turns.worker(name + "-poll", this);
    }

    /** Starts polling. */
    public void start() {
        worker.start();
    }

    /** Whether an assignment has come and all of it is read. */
    public boolean isReady() {
        var status = duty.status();
        return status.isAssigned() && status.problems().isEmpty();
    }

    /** What is not well, a line each. */
    public List<String> problems() {
        return duty.status().problems();
    }

    /** Messages between the newest and the acknowledged positions; -1 where not known. */
    public long lag() {
        return duty.status().lag();
    }

    /** Events taken and not settled. */
    public long inFlight() {
        return budget.events();
    }

    /**
     * Whether all that is there is settled, but for what waits in blocked keys, and partitions of others are read by
     * members that are known to live; as far as the poll thread knew when it last looked.
     *
     * @param shipped what is there at least, in partitions that are ours: a broker's client may not know of it yet
     */
    public boolean isQuiet(Map<TopicPartition, Position> shipped) {
        var status = duty.status();
        return status.isAssigned()
                && status.unread() == 0
                && status.hasReached(shipped)
                && status.isAttended()
                && isSettled();
    }

    /** Partitions that nobody who is known to live reads, as words for people; empty if there are none. */
    public String unattended() {
        var unattended = duty.status().unattended();
        if (unattended == null) {
            return "it is not known who reads its partitions";
        }
        return unattended.isEmpty()
                ? ""
                : "held by nobody, or by a member that is not heard of: "
                        + unattended.stream()
                                .map(TopicPartition::toString)
                                .sorted()
                                .collect(Collectors.joining(", "));
    }

    /** Whether all that was taken is settled, but for what waits in blocked keys. */
    public boolean isSettled() {
        return budget.events() <= lanes.blockedEvents();
    }

    /** Asks the poll thread to look anew; {@link #hasLooked} says when it has. */
    public long askToLook() {
        return duty.askToLook();
    }

    /** Whether it has looked since that was asked for; not while the broker is known to be away. */
    public boolean hasLooked(long asked) {
        return duty.status().look() >= asked;
    }

    /**
     * Takes nothing more, lets lanes finish what they have until the deadline, acknowledges, gives the partitions up.
     * Returns at once.
     */
    public void beginStop(Duration deadline) {
        synchronized (stopping) {
            if (!isStopping) {
                stopAtNanos = turns.nanoTime() + deadline.toNanos();
                isStopping = true;
            }
        }
        wakeup();
        duty.wakeup();
    }

    /** Returns when what {@link #beginStop} began is done, or shortly after that deadline. */
    public void awaitStopped(Duration deadline) {
        try {
            if (!worker.join(deadline.plus(CONSUMER_PATIENCE).toNanos())) {
                LOG.error(
                        "{}: the consumer does not answer; its thread is left behind:{}", handler, worker.whereItIs());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    // --- the loop

    @Override
    public long turn(long nowNanos) {
        return isStopping ? drain(nowNanos) : read(nowNanos);
    }

    @Override
    public void rest(long nanos) {
        resting = Thread.currentThread();
        if (!isStopping || isDraining) {
            LockSupport.parkNanos(this, nanos);
        }
        resting = null;
    }

    @Override
    public boolean hasInput(long nowNanos) {
        return (isStopping && !isDraining) || duty.isAskedToLook();
    }

    private void wakeup() {
        var thread = resting;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
    }

    private long read(long now) {
        try {
            long rest = duty.run(now);
            backoff = FIRST_BACKOFF;
            noteWell();
            return rest;
        } catch (BrokerException failure) {
            noteProblem(failure);
            long rest = backoff;
            backoff = Math.min(LONGEST_BACKOFF, backoff * 2);
            return rest;
        } catch (RuntimeException failure) {
            LOG.error("{}: polling failed in an unforeseen way, it goes on in a second", handler, failure);
            duty.onFailure(failure);
            return LONGEST_BACKOFF;
        } catch (Error fatal) {
            LOG.error("{}: the poll thread ends by {}; nothing is read any more", handler, fatal.toString(), fatal);
            duty.onFailure(new IllegalStateException("the poll thread of " + handler + " ended by " + fatal, fatal));
            throw fatal;
        }
    }

    private long drain(long now) {
        if (!isDraining) {
            isDraining = true;
            duty.beginStop();
        }
        if (duty.isDrained() || now - stopAtNanos >= 0) {
            duty.finish(Math.max(stopAtNanos, turns.nanoTime()));
            return END;
        }
        try {
            return duty.run(now);
        } catch (RuntimeException away) {
            duty.onFailure(away);
            return IngestDuty.BRIEF_PAUSE;
        }
    }

    private void noteProblem(BrokerException failure) {
        duty.onFailure(failure);
        var problem = LogText.of(String.valueOf(failure.getMessage()));
        if (!problem.equals(lastProblem)) {
            lastProblem = problem;
            if (failure.isRetryable()) {
                LOG.warn("{}: {}; it goes on when the broker is back", handler, problem);
            } else {
                LOG.error("{}: {}", handler, problem, failure);
            }
        }
    }

    private void noteWell() {
        if (!lastProblem.isEmpty()) {
            lastProblem = "";
            LOG.info("{}: reads again", handler);
        }
    }
}
