package dev.syncline.runtime.internal.shared;

import dev.syncline.api.EventType.Kind;
import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.dispatch.Lanes;
import dev.syncline.runtime.internal.dispatch.Parking;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.envelope.EnvelopeReader;
import dev.syncline.runtime.internal.inbox.HandlerApplied;
import dev.syncline.runtime.internal.inbox.InboxAlarms;
import dev.syncline.runtime.internal.inbox.InboxSettings;
import dev.syncline.runtime.internal.ingest.LateState;
import dev.syncline.runtime.internal.log.StoreId;
import dev.syncline.runtime.internal.park.LaneParking;
import dev.syncline.runtime.internal.park.ParkAlarms;
import dev.syncline.runtime.internal.park.ParkSettings;
import dev.syncline.runtime.internal.park.ParkStore;
import dev.syncline.runtime.internal.remote.OwnedEventLog;
import dev.syncline.runtime.internal.settle.Fence;
import dev.syncline.runtime.internal.turns.Crew;
import dev.syncline.runtime.internal.turns.Turns;
import dev.syncline.spi.StateStore;
import dev.syncline.spi.StateStore.StateScope;
import dev.syncline.spi.TopicPartition;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state of a handler on one broker, in a store that all instances of its group share. A partition is taken in the store
 * when it is assigned, before its first event is handed on, and its parked keys are read; from then on the store refuses
 * every earlier owner (S13).
 *
 * <p>Lanes ask and tell it, and wait while the store is away; partitions are opened on threads of its own; the poll thread
 * opens and closes them and never waits. It owns what is held of each partition. When another owner has taken one, the
 * partition's fence comes down, and nothing of it is settled here any more.
 */
public final class SharedState implements HandlerApplied, LateState, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SharedState.class);

    /** Partitions that are opened at once. */
    private static final int OPENERS = 4;

    private static final int COMPACT_BYTES = 4 << 20;

    private final Of of;
    private final StateStore store;
    private final InboxSettings settings;
    private final ParkAlarms parkAlarms;
    private final EnvelopeReader reader;
    private final InstantSource clock;
    private final Turns turns;
    private final StoreCalls calls;
    private final Crew openers;
    private final Map<TopicPartition, PartitionHold> holds = new ConcurrentHashMap<>();
    /** Of partitions that went: those of which something runs still. */
    private final Map<TopicPartition, PartitionHold> ended = new ConcurrentHashMap<>();

    private final EventMarks marks;
    private final SharedParking parking = new SharedParking(holds);
    private final AtomicBoolean compacting = new AtomicBoolean();
    private final LongAdder duplicates = new LongAdder();
    private final LongAdder stale = new LongAdder();
    private volatile @Nullable Lanes lanes;
    private volatile Runnable afterOpening = () -> {};

    /**
     * Whose state it is.
     *
     * @param handler durable id
     * @param group of the handler at the broker
     * @param broker name of the broker
     * @param member this instance, for people
     */
    public record Of(String handler, String group, String broker, String member) {}

    /**
     * Begins with no partition.
     *
     * @param threadName of the threads that open partitions
     */
    public SharedState(
            Of of,
            StateStore store,
            InboxSettings settings,
            InboxAlarms inboxAlarms,
            ParkAlarms parkAlarms,
            EnvelopeReader reader,
            InstantSource clock,
            Turns turns,
            String threadName) {
        this.of = of;
        this.store = store;
        this.settings = settings;
        this.parkAlarms = parkAlarms;
        this.reader = reader;
        this.clock = clock;
        this.turns = turns;
        this.calls = new StoreCalls(of.handler, turns);
        this.marks = new EventMarks(settings, inboxAlarms, calls, turns);
        this.openers = turns.crew(threadName, OPENERS);
    }

    @Override
    public void tell(Lanes listeners) {
        lanes = listeners;
    }

    @Override
    public void afterOpening(Runnable task) {
        afterOpening = task;
    }

    // --- events, by lanes

    @Override
    public Answer ask(Envelope event, Kind kind) {
        var hold = holds.get(event.received().partition());
        if (hold == null || !hold.isOpen()) {
            return Answer.GONE;
        }
        var asked = marks.readFresh(hold, event, kind);
        if (asked == null) {
            return Answer.GONE;
        }
        var answer = asked.entries().answer(asked.found());
        if (answer == Answer.APPLY && marks.isUnmarked(asked.entries())) {
            answer = marks.mark(hold, event, kind, asked) ? Answer.DUPLICATE : Answer.GONE;
        }
        switch (answer) {
            case DUPLICATE -> duplicates.increment();
            case STALE -> stale.increment();
            case APPLY -> hold.remember(event.received().position(), asked);
            default -> {}
        }
        return answer;
    }

    @Override
    public boolean done(Envelope event, Kind kind) {
        var partition = event.received().partition();
        var hold = holds.get(partition);
        boolean isOurs = hold != null && hold.isOpen();
        var last = isOurs ? hold : ended.get(partition);
        if (last != null
                && marks.mark(last, event, kind, last.recall(event.received().position()))) {
            return isOurs;
        }
        marks.noteUnmarked(event, kind);
        return false;
    }

    @Override
    public long duplicates() {
        return duplicates.sum();
    }

    @Override
    public long stale() {
        return stale.sum();
    }

    @Override
    public @Nullable String problem() {
        var problem = calls.problem();
        return problem != null || !parking.isFull()
                ? problem
                : "parked events in the shared state take more than is allowed: intake pauses; mend what fails, or give"
                        + " events up";
    }

    // --- partitions, by the poll thread

    @Override
    public void open(TopicPartition partition, Fence fence, boolean hasPosition, Runnable onOpen) {
        var hold = new PartitionHold(partition, fence);
        holds.put(partition, hold);
        execute(() -> {
            if (open(hold, hasPosition)) {
                onOpen.run();
                afterOpening.run();
            }
        });
    }

    private boolean open(PartitionHold hold, boolean hasPosition) {
        var partition = hold.partition;
        var scope = new StateScope(of.group, of.broker, partition.topic(), settings.maxIds(), settings.idRetention());
        var taken = calls.await(hold, () -> store.take(scope, partition.partition(), of.member));
        if (taken.isEmpty()) {
            return false;
        }
        var state = taken.get();
        hold.taken(state);
        if (state.isNew()) {
            marks.forget();
        }
        if (state.isNew() && hasPosition) {
            LOG.warn(
                    "{}: shared state knows nothing of {}, which was read before: it is new, or was lost; events around"
                            + " its position may be handled twice, what was parked is where it was",
                    of.handler,
                    partition);
        }
        var parked = parked(hold);
        if (parked == null) {
            return false;
        }
        if (!isKnownToLanes(partition, parked)) {
            return false;
        }
        hold.open(parked);
        LOG.debug("{}: holds {} under token {}", of.handler, partition, state.token());
        return true;
    }

    private boolean isKnownToLanes(TopicPartition partition, LaneParking parked) {
        var listeners = lanes;
        if (listeners == null) {
            return true;
        }
        try {
            listeners
                    .takeUp(shards -> SharedParking.parked(partition, parked, shards))
                    .get();
            return true;
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Reads what is parked of the partition; null if it is gone again. */
    private @Nullable LaneParking parked(PartitionHold hold) {
        try {
            var log = new OwnedEventLog(new HeldLog(hold, calls), Long.MAX_VALUE, turns.unique());
            var opened = ParkStore.over(log, storeId(hold.partition), ParkSettings.defaults(), parkAlarms);
            return new LaneParking(opened, () -> opened, reader, clock, this::forceSoon);
        } catch (OutboxException gone) {
            LOG.debug("{}: {}", of.handler, gone.getMessage());
            return null;
        }
    }

    /** Of the records in its log: the same for every owner. */
    private StoreId storeId(TopicPartition partition) {
        var hash = EntryHash.of(of.group, of.broker, partition.topic(), Integer.toString(partition.partition()))
                .key();
        var halves = ByteBuffer.wrap(hash.array(), hash.offset(), hash.length());
        return new StoreId(halves.getLong(), halves.getLong());
    }

    @Override
    public boolean isOpen(TopicPartition partition) {
        var hold = holds.get(partition);
        return hold != null && hold.isOpen() && !hold.isStolen();
    }

    @Override
    public boolean isStolen(TopicPartition partition) {
        var hold = holds.get(partition);
        return hold != null && hold.isStolen();
    }

    @Override
    public void close(Collection<TopicPartition> partitions) {
        ended.values().removeIf(PartitionHold::isIdle);
        for (var partition : partitions) {
            var hold = holds.get(partition);
            if (hold != null && hold.isOpen() && !hold.isIdle()) {
                ended.put(partition, hold); // first: what runs of it may end just now
            }
            holds.remove(partition);
            var parked = hold == null ? null : hold.parking();
            var listeners = lanes;
            if (parked != null && listeners != null) {
                listeners.letGo(key -> parking.isOf(key, partition));
                execute(() -> close(parked)); // it may have to hand something over still, and the store be slow
            }
        }
    }

    private void close(LaneParking parked) {
        var opened = parked.storeIfAny();
        try {
            if (opened != null) {
                opened.close();
            }
        } catch (OutboxException gone) {
            LOG.debug("{}: {}", of.handler, gone.getMessage());
        }
    }

    /** What is noted waits in memory until it is forced, and a kill would take it: it costs attempts, no events. */
    private void forceSoon(LaneParking parked) {
        execute(() -> {
            try {
                parked.force();
            } catch (OutboxException gone) {
                LOG.debug("{}: {}", of.handler, gone.getMessage());
            }
        });
    }

    private void execute(Runnable task) {
        try {
            openers.execute(task);
        } catch (RejectedExecutionException closed) {
            LOG.debug("{}: closed", of.handler);
        }
    }

    // --- parked keys

    /** Where keys wait whose attempts in place are spent. */
    public Parking parking() {
        return parking;
    }

    /** What is parked of the partitions that are open. */
    public List<ParkStore> parkStores() {
        return parking.stores();
    }

    /** Gives space in the store back, a little per call; on a thread of its own, since the store may be slow. */
    public void compact() {
        if (calls.problem() == null && compacting.compareAndSet(false, true)) {
            execute(() -> {
                try {
                    parking.stores().forEach(opened -> opened.compact(COMPACT_BYTES));
                } catch (OutboxException gone) {
                    LOG.debug("{}: {}", of.handler, gone.getMessage());
                } finally {
                    compacting.set(false);
                }
            });
        }
    }

    /** After the lanes have ended. */
    @Override
    public void close() {
        calls.close();
        openers.end();
    }
}
