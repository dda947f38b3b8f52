package dev.syncline.runtime.internal.ingest;

import dev.syncline.runtime.internal.dispatch.Lanes;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.envelope.LogText;
import dev.syncline.runtime.internal.settle.Fence;
import dev.syncline.runtime.internal.turns.Turns;
import dev.syncline.spi.AssignmentListener;
import dev.syncline.spi.BrokerConsumer;
import dev.syncline.spi.BrokerConsumer.Acknowledgement;
import dev.syncline.spi.Position;
import dev.syncline.spi.TopicPartition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions that are ours, from their assignment to their end: what has to be there before one is read, how far it is
 * done, that nothing of it begins once it is gone (S13). It owns the consumer, which tells it what comes and goes.
 *
 * <p>Threading: the poll thread.
 */
final class Assignment implements AssignmentListener {

    private static final Logger LOG = LoggerFactory.getLogger(Assignment.class);

    /** Longest wait for running handlers when partitions are taken away: well within a broker's patience. */
    private static final Duration REVOKE_PATIENCE = Duration.ofSeconds(20);

    /** A partition that another owner took, and that the broker leaves to us, is taken again after so long. */
    static final long TAKE_AGAIN_AFTER = TimeUnit.SECONDS.toNanos(5);

    private static final Duration ACKNOWLEDGE_PATIENCE = Duration.ofSeconds(5);

    private final String handler;
    private final Lanes lanes;
    private final int maxUncommitted;
    private final StoreMark mark;
    private final PartitionGate gate;
    private final Turns turns;
    private final BrokerConsumer consumer;

    private final Map<TopicPartition, PartitionIntake> partitions = new LinkedHashMap<>();

    /** Of assignments that are over, behind which something still ran: it is waited for at the end, as all that runs (S23). */
    private final List<Fence> former = new ArrayList<>();

    private boolean isAssigned;
    private boolean isStopping;
    private boolean isFinished;
    private int carried;

    /** @param consumers makes the consumer that tells a listener what is assigned */
    Assignment(
            String handler,
            Lanes lanes,
            int maxUncommitted,
            StoreMark mark,
            PartitionGate gate,
            Turns turns,
            Function<AssignmentListener, BrokerConsumer> consumers) {
        this.handler = handler;
        this.lanes = lanes;
        this.maxUncommitted = maxUncommitted;
        this.mark = mark;
        this.gate = gate;
        this.turns = turns;
        this.consumer = consumers.apply(this);
    }

    BrokerConsumer consumer() {
        return consumer;
    }

    /** Whether the broker has answered with an assignment. */
    boolean isAssigned() {
        return isAssigned;
    }

    Collection<PartitionIntake> partitions() {
        return partitions.values();
    }

    @Nullable
    PartitionIntake find(TopicPartition partition) {
        return partitions.get(partition);
    }

    // --- what no lane would take yet

    /** How many events were taken from the broker and not by a lane. */
    int carried() {
        return carried;
    }

    void carry(PartitionIntake intake, Envelope event) {
        intake.carry.add(event);
        carried++;
    }

    /** The oldest one that is carried of a partition was handed on. */
    void handedOn(PartitionIntake intake) {
        intake.carry.remove();
        carried--;
    }

    private void letGoOfCarried(PartitionIntake intake) {
        carried -= intake.carry.size();
        intake.carry.clear();
    }

    /** Leaves alone at the broker what cannot be taken just now. */
    void pauseAndResume() {
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

    // --- how far they are done

    /**
     * Moves the low-water marks.
     *
     * @return whether all that was handed to lanes is settled
     */
    boolean advance() {
        boolean isSettled = true;
        for (var intake : partitions.values()) {
            intake.window.advance();
            isSettled &= intake.window.size() == 0;
        }
        return isSettled;
    }

    /** Acknowledges what is done, soon. */
    void acknowledge() {
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

    // --- what comes and goes

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
            lanes.onAssigned(intake.partition, intake.window.fence(), intake.acknowledgedBefore);
        }
    }

    /** Lets partitions in whose gate has opened since, and out those that another owner took. */
    void openGates(long now) {
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
            letGoOfCarried(intake);
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
                former.add(intake.window.fence());
            }
        }
        former.removeIf(Fence::isIdle);
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
                turns.pause(IngestDuty.BRIEF_PAUSE);
            }
        }
        return true;
    }

    private boolean awaitEverythingIdle(Set<TopicPartition> of, long endNanos) {
        boolean isIdle = awaitIdle(of, endNanos);
        while (isIdle && !(lanes.isParkedIdle() && former.stream().allMatch(Fence::isIdle))) {
            isIdle = turns.nanoTime() - endNanos < 0;
            turns.pause(IngestDuty.BRIEF_PAUSE);
        }
        return isIdle;
    }

    // --- the end

    /** Takes nothing more; what lanes have goes on. */
    void stop() {
        isStopping = true;
        partitions.values().forEach(this::letGoOfCarried);
    }

    /** Nothing begins any more of any partition. */
    void fence() {
        fence(Set.copyOf(partitions.keySet()));
    }

    /**
     * Waits until nothing runs any more, of parked heads neither, nor of assignments that are over; false if that takes
     * longer.
     */
    boolean awaitIdle(long endNanos) {
        return awaitEverythingIdle(Set.copyOf(partitions.keySet()), endNanos);
    }

    /** Acknowledges what is done and gives the partitions up. After all that may be waited for was. */
    void finish() {
        isFinished = true;
        try {
            var positions = unacknowledged(partitions.keySet());
            if (!positions.isEmpty() && !consumer.acknowledgeNow(positions, ACKNOWLEDGE_PATIENCE)) {
                LOG.warn("{}: the last positions were not confirmed: events since then will come again", handler);
            }
            noteAcknowledged(positions);
        } catch (RuntimeException away) {
            LOG.warn("{}: the last positions were not acknowledged: {}", handler, LogText.of(String.valueOf(away)));
        }
        try {
            consumer.close();
        } catch (RuntimeException failure) {
            LOG.warn("{}: the consumer did not close well: {}", handler, LogText.of(String.valueOf(failure)));
        }
    }
}
