package dev.syncline.runtime.internal.ingest;

import dev.syncline.api.BrokerException;
import dev.syncline.runtime.internal.dispatch.Lanes;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.envelope.LogText;
import dev.syncline.runtime.internal.settle.Budget;
import dev.syncline.runtime.internal.settle.InFlight;
import dev.syncline.runtime.internal.turns.Turns;
import dev.syncline.spi.AssignmentListener;
import dev.syncline.spi.Broker;
import dev.syncline.spi.BrokerConsumer;
import dev.syncline.spi.BrokerConsumer.Acknowledgement;
import dev.syncline.spi.GroupView;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.Subscription;
import dev.syncline.spi.TopicPartition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The body of the poll loop of one handler on one broker: retries what no lane would take, acknowledges what is done,
 * polls. All state belongs to the poll thread, except the published {@linkplain #status status}.
 */
final class IngestDuty implements AssignmentListener {

    private static final Logger LOG = LoggerFactory.getLogger(IngestDuty.class);

    private static final long ACKNOWLEDGE_EVERY = TimeUnit.MILLISECONDS.toNanos(50);

    /** As lag: what was known before may have been overtaken long ago. */
    private static final long UNKNOWN = -1;

    private static final long LOOK_AT_LAG_EVERY = TimeUnit.MILLISECONDS.toNanos(250);
    /** Between two looks at what no signal reaches the poll thread for. */
    static final long BRIEF_PAUSE = TimeUnit.MICROSECONDS.toNanos(200);

    private static final Duration POLL_IDLE = Duration.ofMillis(500);
    private static final Duration POLL_IN_FLIGHT = Duration.ofMillis(5);
    /** Also where somebody waits for a look: what is there is taken, what is not need not be waited for. */
    private static final Duration POLL_FULL = Duration.ofNanos(500_000);

    /** Longest wait for running handlers when partitions are taken away: well within a broker's patience. */
    private static final Duration REVOKE_PATIENCE = Duration.ofSeconds(20);

    /** How long an interrupted handler may take to end. */
    private static final Duration INTERRUPT_PATIENCE = Duration.ofSeconds(1);

    /** A partition that another owner took, and that the broker leaves to us, is taken again after so long. */
    static final long TAKE_AGAIN_AFTER = TimeUnit.SECONDS.toNanos(5);

    private static final Duration ACKNOWLEDGE_PATIENCE = Duration.ofSeconds(5);

    private final String handler;
    private final BrokerConsumer consumer;
    private final Lanes lanes;
    private final Function<Received, Envelope> reader;
    private final Budget budget;
    private final int maxUncommitted;
    private final StoreMark mark;
    private final PartitionGate gate;
    private final Turns turns;

    private final Map<TopicPartition, PartitionIntake> partitions = new LinkedHashMap<>();
    private boolean isAssigned;
    private boolean isStopping;
    private boolean isFinished;
    private int carried;
    private int offers;
    private int taken;
    private long lastAcknowledge;
    private long lastLook;
    private @Nullable String brokerProblem;
    private final AtomicLong looksAsked = new AtomicLong();
    private volatile IngestStatus status = IngestStatus.STARTING;

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
        this.maxUncommitted = maxUncommitted;
        this.mark = mark;
        this.gate = gate;
        this.turns = turns;
        this.lastAcknowledge = turns.nanoTime();
        this.lastLook = lastAcknowledge - LOOK_AT_LAG_EVERY;
        this.consumer = broker.consumer(subscription, this);
    }

    /**
     * One turn. Blocks in the adapter's poll for a while at most, where one may block.
     *
     * @return how long it may rest unless something comes, where one may not block; else 0
     * @throws BrokerException if the broker is away or refuses; nothing was lost, call again
     */
    long run(long now) {
        long asked = looksAsked.get();
        openGates(now);
        offerCarried();
        acknowledge(now);
        pauseAndResume();
        taken = 0;
        boolean isAsked = asked != status.look();
        var patience = isAsked ? POLL_FULL : patience();
        consumer.poll(turns.mayBlock() ? patience : Duration.ZERO, this::take);
        pauseAndResume();
        brokerProblem = null;
        look(now, asked);
        return turns.mayBlock() || isAsked || taken > 0 ? 0 : patience().toNanos();
    }

    /** Whether somebody waits for a look. */
    boolean isAskedToLook() {
        return looksAsked.get() != status.look();
    }

    /** The broker is away or refuses. */
    void onFailure(RuntimeException failure) {
        brokerProblem = LogText.of(String.valueOf(failure.getMessage()));
        publishStatus(UNKNOWN, status.look());
    }

    IngestStatus status() {
        return status;
    }

    /**
     * Asks for a poll that begins from now on, and for a status after it. Any thread.
     *
     * @return what {@link IngestStatus#look} of that status is, at least
     */
    long askToLook() {
        long look = looksAsked.incrementAndGet();
        consumer.wakeup();
        return look;
    }

    /** Ends a poll that waits. Any thread. */
    void wakeup() {
        consumer.wakeup();
    }

    private Duration patience() {
        if (carried > 0) {
            return POLL_FULL;
        }
        return isSettled() ? POLL_IDLE : POLL_IN_FLIGHT;
    }

    // --- in

    private void take(Received received) {
        var intake = partitions.get(received.partition());
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
            intake.carry.add(envelope);
            carried++;
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
        if (carried == 0 || isStopping) {
            return;
        }
        var all = List.copyOf(partitions.values());
        offers++;
        for (int i = 0; i < all.size(); i++) {
            var intake = all.get(Math.floorMod(offers + i, all.size()));
            while (!intake.carry.isEmpty() && dispatch(intake, intake.carry.element())) {
                intake.carry.remove();
                carried--;
            }
        }
    }

    private void pauseAndResume() {
        var pause = new HashSet<TopicPartition>();
        var resume = new HashSet<TopicPartition>();
        for (var intake : partitions.values()) {
            boolean wanted = isStopping || intake.refusal != null || !intake.isOpen || !intake.carry.isEmpty();
            if (wanted && !intake.isPaused) {
                pause.add(intake.partition);
            } else if (!wanted && intake.isPaused) {
                resume.add(intake.partition);
            }
            intake.isPaused = wanted;
        }
        if (!pause.isEmpty()) {
            consumer.pause(pause);
        }
        if (!resume.isEmpty()) {
            consumer.resume(resume);
        }
    }

    // --- acknowledge

    private void acknowledge(long now) {
        boolean isSettled = true;
        for (var intake : partitions.values()) {
            intake.window.advance();
            isSettled &= intake.window.size() == 0;
        }
        if (!isSettled && now - lastAcknowledge < ACKNOWLEDGE_EVERY) {
            return;
        }
        lastAcknowledge = now;
        var positions = unacknowledged(partitions.keySet());
        if (!positions.isEmpty()) {
            consumer.acknowledge(positions);
            noteAcknowledged(positions);
        }
    }

    private Map<TopicPartition, Acknowledgement> unacknowledged(Set<TopicPartition> of) {
        var positions = new HashMap<TopicPartition, Acknowledgement>();
        for (var partition : of) {
            var intake = partitions.get(partition);
            if (intake != null && !intake.isStolen) {
                intake.window.advance();
                var position = intake.unacknowledged();
                if (position != null) {
                    positions.put(partition, new Acknowledgement(position, mark.metadata()));
                }
            }
        }
        return positions;
    }

    private void noteAcknowledged(Map<TopicPartition, Acknowledgement> positions) {
        positions.forEach((partition, acknowledgement) -> {
            var intake = partitions.get(partition);
            if (intake != null) {
                intake.acknowledged = acknowledgement.position();
            }
        });
    }

    // --- assignment

    @Override
    public void onAssigned(List<Assigned> assigned) {
        isAssigned = true;
        var from = new ArrayList<String>();
        for (var one : assigned) {
            var intake = new PartitionIntake(one.partition(), maxUncommitted, one.acknowledged());
            if (!mark.fits(one.metadata())) {
                intake.refusal =
                        one.partition() + " is not read: its position " + mark.remedies(handler, one.metadata());
                LOG.error("{}: {}", handler, intake.refusal);
            } else if (StoreMark.isForeign(one.metadata())) {
                LOG.warn(
                        "{}: the position of {} carries metadata of another tool ({}), which is ignored",
                        handler,
                        one.partition(),
                        LogText.of(one.metadata()));
            }
            partitions.put(one.partition(), intake);
            if (intake.refusal == null) {
                openGate(intake);
            }
            from.add(one.partition()
                    + (one.acknowledged() == null ? " from its start" : " after " + one.acknowledged()));
        }
        if (!from.isEmpty()) {
            LOG.info("{}: reads {}", handler, from);
        }
        pauseAndResume();
    }

    private void openGate(PartitionIntake intake) {
        boolean hasPosition = intake.acknowledgedBefore != null;
        gate.open(intake.partition, intake.window.fence(), hasPosition, consumer::wakeup);
        passGate(intake);
    }

    private void passGate(PartitionIntake intake) {
        if (gate.isOpen(intake.partition)) {
            intake.isOpen = true;
            lanes.onAssigned(intake.partition, intake.window.fence());
        }
    }

    /** Lets partitions in whose gate has opened since, and out those that another owner took. */
    private void openGates(long now) {
        for (var intake : List.copyOf(partitions.values())) {
            if (gate.isStolen(intake.partition)) {
                stolen(intake, now);
            } else if (!intake.isOpen && intake.refusal == null) {
                passGate(intake);
            }
        }
    }

    /**
     * Another owner took the partition, and what ran of it is its own matter now. If the broker still says that it is ours
     * after a while, the other one was late: then it is taken anew, and read again from where it was done.
     */
    private void stolen(PartitionIntake intake, long now) {
        if (!intake.isStolen) {
            intake.isStolen = true;
            intake.isOpen = false;
            intake.stolenNanos = now;
            fence(Set.of(intake.partition));
            carried -= intake.carry.size();
            intake.carry.clear();
        } else if (now - intake.stolenNanos >= TAKE_AGAIN_AFTER
                && intake.window.fence().isIdle()) {
            LOG.warn(
                    "{}: {} was taken by another, and the broker says that it is ours: it is taken again",
                    handler,
                    intake.partition);
            intake.window.advance();
            var done = intake.window.lowWaterMark();
            var again = new PartitionIntake(
                    intake.partition, maxUncommitted, done == null ? intake.acknowledgedBefore : done);
            again.isPaused = intake.isPaused;
            partitions.put(intake.partition, again);
            if (done != null) {
                consumer.seekAfter(intake.partition, done);
            } else if (intake.begin != null) {
                consumer.seekAfter(intake.partition, before(intake.begin));
            }
            gate.close(Set.of(intake.partition));
            openGate(again);
        }
    }

    private static Position before(Position position) {
        return position.minor() == 0
                ? new Position(position.major() - 1, -1) // the largest there is: they are unsigned
                : new Position(position.major(), position.minor() - 1);
    }

    @Override
    public void onRevoked(Set<TopicPartition> revoked) {
        fence(revoked);
        // At the end handlers were waited for and interrupted already: what runs then is not worth another wait.
        if (!isFinished && !awaitIdle(revoked, turns.nanoTime() + REVOKE_PATIENCE.toNanos())) {
            LOG.warn(
                    "{}: {} were revoked while a handler still runs: its event will come again elsewhere",
                    handler,
                    revoked);
        }
        var positions = unacknowledged(revoked);
        if (!positions.isEmpty()) {
            consumer.acknowledgeNow(positions, ACKNOWLEDGE_PATIENCE);
        }
        forget(revoked, "revoked");
    }

    @Override
    public void onLost(Set<TopicPartition> lost) {
        fence(lost);
        forget(lost, "lost");
    }

    private void fence(Set<TopicPartition> gone) {
        for (var partition : gone) {
            var intake = partitions.get(partition);
            if (intake != null) {
                intake.window.fence().fence();
            }
        }
        lanes.onFence();
    }

    private void forget(Set<TopicPartition> gone, String how) {
        for (var partition : gone) {
            var intake = partitions.remove(partition);
            if (intake != null) {
                carried -= intake.carry.size();
            }
        }
        gate.close(gone);
        if (!isStopping && !gone.isEmpty()) {
            LOG.info("{}: {} {}", handler, how, gone);
        }
    }

    private boolean awaitIdle(Set<TopicPartition> of, long endNanos) {
        for (var partition : of) {
            var intake = partitions.get(partition);
            while (intake != null && !intake.window.fence().isIdle()) {
                if (turns.nanoTime() - endNanos >= 0) {
                    return false;
                }
                turns.pause(BRIEF_PAUSE);
            }
        }
        return true;
    }

    private boolean awaitEverythingIdle(Set<TopicPartition> of, long endNanos) {
        boolean isIdle = awaitIdle(of, endNanos);
        while (isIdle && !lanes.isParkedIdle()) {
            isIdle = turns.nanoTime() - endNanos < 0;
            turns.pause(BRIEF_PAUSE);
        }
        return isIdle;
    }

    // --- stop

    /** Takes nothing more; what lanes have goes on. */
    void beginStop() {
        isStopping = true;
        lanes.end();
        for (var intake : partitions.values()) {
            carried -= intake.carry.size();
            intake.carry.clear();
        }
    }

    /** Whether all that was taken is settled, but for what would not be soon: it comes again. */
    boolean isDrained() {
        return lanes.isAtRest();
    }

    /** Fences, waits for what runs, acknowledges, gives the partitions up. */
    void finish(long endNanos) {
        var all = Set.copyOf(partitions.keySet());
        lanes.fenceParked();
        fence(all);
        if (!awaitEverythingIdle(all, endNanos)) {
            LOG.warn("{}: handlers still run at the deadline, they are interrupted", handler);
            lanes.interrupt();
            if (!awaitEverythingIdle(all, turns.nanoTime() + INTERRUPT_PATIENCE.toNanos())) {
                LOG.error(
                        "{}: handlers do not heed the interruption and are left behind:{}",
                        handler,
                        lanes.whereTheyAre());
            }
        }
        isFinished = true;
        try {
            var positions = unacknowledged(all);
            if (!positions.isEmpty() && !consumer.acknowledgeNow(positions, ACKNOWLEDGE_PATIENCE)) {
                LOG.warn("{}: the last positions were not confirmed: events since then will come again", handler);
            }
            noteAcknowledged(positions);
        } catch (RuntimeException away) {
            LOG.warn("{}: the last positions were not acknowledged: {}", handler, LogText.of(String.valueOf(away)));
        }
        closeConsumer();
    }

    void closeConsumer() {
        try {
            consumer.close();
        } catch (RuntimeException failure) {
            LOG.warn("{}: the consumer did not close well: {}", handler, LogText.of(String.valueOf(failure)));
        }
    }

    // --- status

    private boolean isSettled() {
        return carried == 0 && budget.events() == 0;
    }

    private void look(long now, long asked) {
        boolean isDue = now - lastLook >= LOOK_AT_LAG_EVERY || asked != status.look();
        if (isDue || status.isIdle() != isSettled() || status.isAssigned() != isAssigned) {
            lastLook = now;
            publishStatus(lag(), asked);
        }
    }

    private long lag() {
        long sum = 0;
        for (var partition : partitions.keySet()) {
            var lag = consumer.lag(partition);
            if (lag.isEmpty()) {
                return UNKNOWN;
            }
            sum += lag.getAsLong();
        }
        return sum;
    }

    /** What the broker cannot tell of nobody waits for. */
    private @Nullable Set<TopicPartition> unattended() {
        return consumer instanceof GroupView group ? group.unattended().orElse(null) : Set.of();
    }

    private void publishStatus(long lag, long look) {
        var problems = new ArrayList<String>();
        if (brokerProblem != null) {
            problems.add(brokerProblem);
        }
        for (var intake : partitions.values()) {
            if (intake.refusal != null) {
                problems.add(intake.refusal);
            } else if (intake.isStolen) {
                problems.add(intake.partition + " was taken by another instance in the shared state: nothing of it is"
                        + " read here until the broker says whose it is");
            } else if (!intake.isOpen) {
                problems.add("the shared state of " + intake.partition + " is not taken yet");
            }
        }
        long windowed = 0;
        var reached = new HashMap<TopicPartition, Optional<Position>>();
        for (var intake : partitions.values()) {
            windowed += intake.window.size();
            reached.put(intake.partition, Optional.ofNullable(intake.reached));
        }
        long unread = lag < 0 ? -1 : Math.max(0, lag - windowed);
        status = new IngestStatus(isAssigned, lag, unread, isSettled(), problems, look, unattended(), reached);
    }
}
