package dev.syncline.runtime.internal.ingest;

import dev.syncline.api.BrokerException;
import dev.syncline.runtime.internal.dispatch.Lanes;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.settle.Budget;
import dev.syncline.runtime.internal.settle.InFlight;
import dev.syncline.runtime.internal.turns.Turns;
import dev.syncline.spi.Broker;
import dev.syncline.spi.BrokerConsumer;
import dev.syncline.spi.Received;
import dev.syncline.spi.Subscription;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The body of the poll loop of one handler on one broker: retries what no lane would take, acknowledges what is done,
 * polls. Which partitions are ours is in {@link Assignment}, what others are told in {@link Lookout}. All state belongs to
 * the poll thread, except the published {@linkplain #status status}.
 */
final class IngestDuty {

    private static final Logger LOG = LoggerFactory.getLogger(IngestDuty.class);

    private static final long ACKNOWLEDGE_EVERY = TimeUnit.MILLISECONDS.toNanos(50);

    /** Between two looks at what no signal reaches the poll thread for. */
    static final long BRIEF_PAUSE = TimeUnit.MICROSECONDS.toNanos(200);

    private static final Duration POLL_IDLE = Duration.ofMillis(500);
    private static final Duration POLL_IN_FLIGHT = Duration.ofMillis(5);

    /** What comes in a poll is told after it, and an application waits for that to be ready. */
    private static final Duration POLL_JOINING = Duration.ofMillis(20);

    /** Also where somebody waits for a look: what is there is taken, what is not need not be waited for. */
    private static final Duration POLL_FULL = Duration.ofNanos(500_000);

    /** How long an interrupted handler may take to end. */
    private static final Duration INTERRUPT_PATIENCE = Duration.ofSeconds(1);

    private final String handler;
    private final BrokerConsumer consumer;
    private final Lanes lanes;
    private final Function<Received, Envelope> reader;
    private final Budget budget;
    private final Turns turns;
    private final Assignment assignment;
    private final Lookout lookout;

    private boolean isStopping;
    private int offers;
    private int taken;
    private long lastAcknowledge;

    IngestDuty(
            String handler,
            Broker broker,
            Subscription subscription,
            Lanes lanes,
            Function<Received, Envelope> reader,
            Budget budget,
            int maxUncommitted,
            StoreMark mark,
            PartitionGate gate,
            Turns turns) {
        this.handler = handler;
        this.lanes = lanes;
        this.reader = reader;
        this.budget = budget;
        this.turns = turns;
        this.lastAcknowledge = turns.nanoTime();
        this.assignment = new Assignment(
                handler, lanes, maxUncommitted, mark, gate, turns, listener -> broker.consumer(subscription, listener));
        this.consumer = assignment.consumer();
        this.lookout = new Lookout(assignment, budget, lastAcknowledge);
    }

    /**
     * One turn. Blocks in the adapter's poll for a while at most, where one may block.
     *
     * @return how long it may rest unless something comes, where one may not block; else 0
     * @throws BrokerException if the broker is away or refuses; nothing was lost, call again
     */
    long run(long now) {
        long asked = lookout.asked();
        assignment.openGates(now);
        offerCarried();
        acknowledge(now);
        assignment.pauseAndResume();
        taken = 0;
        boolean isAsked = asked != lookout.status().look();
        var patience = isAsked ? POLL_FULL : patience();
        consumer.poll(turns.mayBlock() ? patience : Duration.ZERO, this::take);
        assignment.pauseAndResume();
        lookout.onAnswer(now, asked);
        return turns.mayBlock() || isAsked || taken > 0 ? 0 : patience().toNanos();
    }

    /** Whether somebody waits for a look. */
    boolean isAskedToLook() {
        return lookout.isAsked();
    }

    /** The broker is away or refuses. */
    void onFailure(RuntimeException failure) {
        lookout.onFailure(failure);
    }

    IngestStatus status() {
        return lookout.status();
    }

    /**
     * Asks for a poll that begins from now on, and for a status after it. Any thread.
     *
     * @return what {@link IngestStatus#look} of that status is, at least
     */
    long askToLook() {
        long look = lookout.ask();
        consumer.wakeup();
        return look;
    }

    /** Ends a poll that waits. Any thread. */
    void wakeup() {
        consumer.wakeup();
    }

    private Duration patience() {
        if (assignment.carried() > 0) {
            return POLL_FULL;
        }
        if (isStopping) {
            return POLL_IN_FLIGHT; // lanes say that they are at rest, and nobody is woken by it
        }
        if (!lookout.status().isAssigned()) {
            return POLL_JOINING;
        }
        return lookout.isSettled() ? POLL_IDLE : POLL_IN_FLIGHT;
    }

    // --- in

    private void take(Received received) {
        var intake = assignment.find(received.partition());
        if (intake == null) {
            throw new IllegalStateException("the adapter delivered " + received.partition() + "@" + received.position()
                    + " of a partition that it did not assign");
        }
        var envelope = reader.apply(received);
        taken++;
        if (intake.begin == null) {
            intake.begin = received.position();
        }
        if (isStopping || !intake.carry.isEmpty() || !dispatch(intake, envelope)) {
            assignment.carry(intake, envelope);
        }
    }

    private boolean dispatch(PartitionIntake intake, Envelope envelope) {
        if (intake.refusal != null
                || !intake.isOpen
                || intake.window.isFull()
                || budget.isSpent()
                || lanes.isParkingFull()
                || !lanes.hasRoomFor(envelope.shard())) {
            return false;
        }
        long ticket = intake.window.enter(envelope.received().position());
        intake.reached = envelope.received().position();
        if (!lanes.offer(new InFlight(envelope, intake.window, ticket, budget))) {
            throw new AssertionError("a lane that had room for its only producer has none");
        }
        return true;
    }

    /** Begins with another partition each time: what lanes have room for goes to the first, as long as that one has more. */
    private void offerCarried() {
        if (assignment.carried() == 0 || isStopping) {
            return;
        }
        var all = List.copyOf(assignment.partitions());
        offers++;
        for (int i = 0; i < all.size(); i++) {
            var intake = all.get(Math.floorMod(offers + i, all.size()));
            while (!intake.carry.isEmpty() && dispatch(intake, intake.carry.element())) {
                assignment.handedOn(intake);
            }
        }
    }

    // --- acknowledge

    private void acknowledge(long now) {
        boolean isSettled = assignment.advance();
        if (isSettled || now - lastAcknowledge >= ACKNOWLEDGE_EVERY) {
            lastAcknowledge = now;
            assignment.acknowledge();
        }
    }

    // --- stop

    /** Takes nothing more; what lanes have goes on. */
    void beginStop() {
        isStopping = true;
        lanes.end();
        assignment.stop();
    }

    /** Whether all that was taken is settled, but for what would not be soon: it comes again. */
    boolean isDrained() {
        return lanes.isAtRest();
    }

    /** Fences, waits for what runs, acknowledges, gives the partitions up. */
    void finish(long endNanos) {
        lanes.fenceParked();
        assignment.fence();
        if (!assignment.awaitIdle(endNanos)) {
            LOG.warn("{}: handlers still run at the deadline, they are interrupted", handler);
            lanes.interrupt();
            if (!assignment.awaitIdle(turns.nanoTime() + INTERRUPT_PATIENCE.toNanos())) {
                LOG.error(
                        "{}: handlers do not heed the interruption and are left behind:{}",
                        handler,
                        lanes.whereTheyAre());
            }
        }
        assignment.finish();
    }
}
