package dev.syncline.runtime.internal.ingest;

import dev.syncline.api.BrokerException;
import dev.syncline.runtime.internal.dispatch.Lanes;
import dev.syncline.runtime.internal.dispatch.Whereabouts;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.envelope.LogText;
import dev.syncline.runtime.internal.settle.Budget;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The room that takes messages from one broker for one handler. Its own poll thread runs it. It owns the consumer and
 * the windows of the partitions that are ours, and hands each event on to a lane. When lanes are full it pauses
 * partitions and goes on polling; when the broker is away it waits and says so; what is not settled is never
 * acknowledged.
 */
public final class Ingest {

    private static final Logger LOG = LoggerFactory.getLogger(Ingest.class);

    private static final long FIRST_BACKOFF = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long LONGEST_BACKOFF = TimeUnit.SECONDS.toNanos(1);

    /** How long a consumer may take to give its partitions up. */
    private static final Duration CONSUMER_PATIENCE = Duration.ofSeconds(15);

    private final String handler;
    private final Lanes lanes;
    private final Budget budget;
    private final IngestDuty duty;
    private final Thread thread;
    private final Object stopping = new Object();
    private volatile long stopAtNanos;
    private volatile boolean isStopping;
    private String lastProblem = "";

    /**
     * Makes the consumer; {@link #start} gives it a thread.
     *
     * @param name prefix of the threads' names
     * @param storeId id of the store directory, kept beside every position
     */
    public Ingest(
            String name,
            HandlerPlan plan,
            Broker broker,
            Subscription subscription,
            Lanes lanes,
            Function<Received, Envelope> reader,
            String storeId) {
        this.handler = plan.id();
        this.lanes = lanes;
        this.budget = new Budget(plan.policy().maxBytes());
        var mark = new StoreMark(storeId, plan.policy().adopt());
        this.duty = new IngestDuty(
                handler,
                broker,
                subscription,
                lanes,
                reader,
                budget,
                plan.policy().maxUncommitted(),
                mark,
                System::nanoTime);
        this.thread = new Thread(this::loop, name + "-poll");
        this.thread.setDaemon(true);
    }

    /** Starts polling. */
    public void start() {
        thread.start();
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
                stopAtNanos = System.nanoTime() + deadline.toNanos();
                isStopping = true;
            }
        }
        LockSupport.unpark(thread);
        duty.wakeup();
    }

    /** Returns when what {@link #beginStop} began is done, or shortly after that deadline. */
    public void awaitStopped(Duration deadline) {
        try {
            thread.join(deadline.plus(CONSUMER_PATIENCE).toMillis());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            LOG.error(
                    "{}: the consumer does not answer; its thread is left behind:{}", handler, Whereabouts.of(thread));
        }
    }

    private void loop() {
        long backoff = FIRST_BACKOFF;
        while (!isStopping) {
            try {
                duty.run(System.nanoTime());
                backoff = FIRST_BACKOFF;
                noteWell();
            } catch (BrokerException failure) {
                noteProblem(failure);
                LockSupport.parkNanos(this, backoff);
                backoff = Math.min(LONGEST_BACKOFF, backoff * 2);
            } catch (RuntimeException failure) {
                LOG.error("{}: polling failed in an unforeseen way, it goes on in a second", handler, failure);
                duty.onFailure(failure);
                LockSupport.parkNanos(this, LONGEST_BACKOFF);
            } catch (Error fatal) {
                LOG.error("{}: the poll thread ends by {}; nothing is read any more", handler, fatal.toString(), fatal);
                duty.onFailure(
                        new IllegalStateException("the poll thread of " + handler + " ended by " + fatal, fatal));
                throw fatal;
            }
        }
        drain();
        duty.finish(Math.max(stopAtNanos, System.nanoTime()));
    }

    private void drain() {
        duty.beginStop();
        while (!duty.isDrained() && System.nanoTime() - stopAtNanos < 0) {
            try {
                duty.run(System.nanoTime());
            } catch (RuntimeException away) {
                duty.onFailure(away);
                Pause.briefly();
            }
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
