package dev.syncline.runtime.internal.remote;

import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.dispatch.Lanes;
import dev.syncline.runtime.internal.dispatch.Parking;
import dev.syncline.runtime.internal.envelope.EnvelopeReader;
import dev.syncline.runtime.internal.ingest.LateState;
import dev.syncline.runtime.internal.log.LogAwayException;
import dev.syncline.runtime.internal.log.StoreId;
import dev.syncline.runtime.internal.park.LaneParking;
import dev.syncline.runtime.internal.park.ParkAlarms;
import dev.syncline.runtime.internal.park.ParkSettings;
import dev.syncline.runtime.internal.park.ParkStore;
import dev.syncline.runtime.internal.settle.Fence;
import dev.syncline.runtime.internal.turns.Crew;
import dev.syncline.runtime.internal.turns.Turns;
import dev.syncline.spi.LogStore;
import dev.syncline.spi.LogStore.LogScope;
import dev.syncline.spi.OwnedLog;
import dev.syncline.spi.TopicPartition;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parked keys of one handler on one broker, kept in a log elsewhere. The log is taken and read after the start, again
 * and again while it is away; until then no partition is read, so that no event slips past a parked key (S12).
 *
 * <p>Lanes park in it as they do on a disk, and wait for an answer at most a second, once. While it is away what is to be
 * parked stays in memory and unsettled, and other keys go on. An earlier owner is refused by the store, and settles nothing
 * of what it could not park (S13); so it stays until it is restarted.
 *
 * <p>Threading: any; it is opened, and its space given back, on threads of its own.
 */
public final class RemoteParking implements LateState, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RemoteParking.class);

    /** One opens or gives space back, another forces what no lane waits for. */
    private static final int THREADS = 2;

    private static final long TAKE_SECONDS = 30;
    private static final long PAUSE = TimeUnit.SECONDS.toNanos(1);
    private static final int COMPACT_BYTES = 4 << 20;

    /** What lanes have parked while the log is away: then they leave it in their queues. */
    private static final long MAX_UNSENT_BYTES = 64L << 20;

    private final Of of;
    private final LogStore logs;
    private final PlaceFile placeFile;
    private final ParkAlarms alarms;
    private final Turns turns;
    private final Crew crew;
    private final RemoteStatus status;
    private final LaneParking parking;
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean compacting = new AtomicBoolean();
    private volatile @Nullable ParkStore store;
    private volatile @Nullable RemoteCalls calls;
    private volatile Runnable afterOpening = () -> {};
    private volatile boolean isOpen;
    private volatile boolean isClosed;

    /**
     * Whose parked keys they are.
     *
     * @param log of them
     * @param place where it is, for people
     * @param member this instance, for people
     */
    public record Of(LogScope log, String place, String member) {}

    /**
     * Begins with nothing known.
     *
     * @param placeFile says in the data directory where they are
     * @param threadName of its threads
     */
    public RemoteParking(
            Of of,
            LogStore logs,
            PlaceFile placeFile,
            ParkAlarms alarms,
            EnvelopeReader reader,
            InstantSource clock,
            Turns turns,
            String threadName) {
        this.of = of;
        this.logs = logs;
        this.placeFile = placeFile;
        this.alarms = alarms;
        this.turns = turns;
        this.crew = turns.crew(threadName, THREADS);
        this.status = new RemoteStatus(of.log.handler(), of.place);
        this.parking = new LaneParking(null, this::required, reader, clock, parked -> execute(this::forceSoon));
    }

    private ParkStore required() {
        var opened = store;
        if (opened == null) {
            throw new OutboxException("what is parked on " + of.place + " is not known yet");
        }
        return opened;
    }

    /** Where keys wait whose attempts in place are spent. */
    public Parking parking() {
        return parking;
    }

    /** The store, once it is read. */
    public List<ParkStore> stores() {
        var opened = store;
        return opened == null ? List.of() : List.of(opened);
    }

    // --- opening

    /** Begins to take and to read it. */
    @Override
    public void tell(Lanes lanes) {
        execute(() -> open(lanes));
    }

    @Override
    public void afterOpening(Runnable task) {
        afterOpening = task;
    }

    private void open(Lanes lanes) {
        while (!isClosed && !status.isFenced()) {
            try {
                if (read()) {
                    parking.open();
                    lanes.takeUp(parking::parked).get();
                    break;
                }
            } catch (InterruptedException closed) {
                Thread.currentThread().interrupt();
                return;
            } catch (ExecutionException impossible) {
                throw new AssertionError(impossible);
            }
            turns.pause(PAUSE);
        }
        if (!isClosed && !status.isFenced()) {
            status.read();
            isOpen = true;
            tellWhoWaits();
            afterOpening.run();
        }
    }

    private boolean read() throws InterruptedException {
        try {
            var log = take();
            var ours = new RemoteCalls(log, status, () -> placeFile.occupy(of.place));
            var eventLog = new OwnedEventLog(ours, MAX_UNSENT_BYTES, turns.unique());
            var read = ParkStore.over(eventLog, storeId(), ParkSettings.defaults(), alarms);
            if (isEmpty(read)) {
                placeFile.vacate();
            } else {
                placeFile.occupy(of.place);
            }
            store = read;
            ours.opened();
            calls = ours;
            LOG.debug("{}: holds {} on {} under token {}", of.log.handler(), of.log, of.place, log.token());
            return true;
        } catch (LogAwayException away) {
            LOG.debug("{}: {}", of.log.handler(), away.getMessage());
            return false;
        } catch (OutboxException unusable) {
            status.failed(unusable);
            return false;
        }
    }

    private static boolean isEmpty(ParkStore store) {
        return store.stats().letters() == 0;
    }

    private OwnedLog take() throws InterruptedException {
        var taking = logs.takeLog(of.log, of.member).toCompletableFuture();
        try {
            return taking.get(TAKE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException failed) {
            throw status.failed(failed.getCause());
        } catch (TimeoutException late) {
            taking.cancel(false);
            throw status.silent();
        }
    }

    /** Of the records in its log: the same for every owner, whatever its data directory. */
    private StoreId storeId() {
        var name = of.log.group() + "\n" + of.log.broker();
        var hash = UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8));
        return new StoreId(hash.getMostSignificantBits(), hash.getLeastSignificantBits());
    }

    private void tellWhoWaits() {
        for (Runnable one; (one = waiting.poll()) != null; ) {
            one.run();
        }
    }

    // --- partitions, by the poll thread

    @Override
    public void open(TopicPartition partition, Fence fence, boolean hasPosition, Runnable onOpen) {
        if (!isOpen) {
            waiting.add(onOpen);
            if (isOpen) {
                tellWhoWaits(); // it came between
            }
        }
    }

    @Override
    public boolean isOpen(TopicPartition partition) {
        return isOpen;
    }

    /** Nobody can take a partition here: who takes the log takes what is parked, and nothing else. */
    @Override
    public boolean isStolen(TopicPartition partition) {
        return false;
    }

    /** What is parked of partitions that go stays here, as it would on a disk. */
    @Override
    public void close(Collection<TopicPartition> partitions) {}

    // --- upkeep

    private void forceSoon() {
        try {
            parking.force();
        } catch (OutboxException refused) {
            LOG.debug("{}: {}", of.log.handler(), refused.getMessage()); // its status says it
        }
    }

    /** Gives space back, a little per call, on a thread of its own; forces what was noted while the log was away. */
    public void compact() {
        var opened = store;
        var ours = calls;
        if (opened != null && ours != null && compacting.compareAndSet(false, true)) {
            execute(() -> {
                try {
                    opened.forceAll();
                    ours.probe();
                    opened.compact(COMPACT_BYTES);
                } catch (OutboxException refused) {
                    LOG.debug("{}: {}", of.log.handler(), refused.getMessage());
                } finally {
                    compacting.set(false);
                }
            });
        }
    }

    @Override
    public @Nullable String problem() {
        var problem = status.problem();
        var opened = store;
        if (problem == null && opened != null && opened.isFull()) {
            return "parked events on " + of.place + " take " + opened.liveBytes()
                    + " bytes, more than is allowed: intake pauses; mend what fails, or give events up";
        }
        return problem;
    }

    private void execute(Runnable task) {
        try {
            crew.execute(task);
        } catch (RejectedExecutionException closed) {
            LOG.debug("{}: closed", of.log.handler());
        }
    }

    /** After the lanes have ended. */
    @Override
    public void close() {
        isClosed = true;
        crew.end();
        var opened = store;
        if (opened != null) {
            try {
                opened.close();
                if (isEmpty(opened) && !status.isFenced()) {
                    placeFile.vacate();
                }
            } catch (OutboxException refused) {
                LOG.debug("{}: {}", of.log.handler(), refused.getMessage()); // it was not settled either
            }
        }
    }
}
