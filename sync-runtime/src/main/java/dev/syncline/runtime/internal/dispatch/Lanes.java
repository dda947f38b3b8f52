package dev.syncline.runtime.internal.dispatch;

import dev.syncline.runtime.Health.BlockedKey;
import dev.syncline.runtime.internal.dispatch.Parking.Parked;
import dev.syncline.runtime.internal.handling.Handling;
import dev.syncline.runtime.internal.settle.Fence;
import dev.syncline.runtime.internal.settle.InFlight;
import dev.syncline.runtime.internal.turns.Crew;
import dev.syncline.runtime.internal.turns.Turns;
import dev.syncline.runtime.internal.wiring.HandlerPolicy;
import dev.syncline.spi.Position;
import dev.syncline.spi.TopicPartition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The room that works on events: spreads them over the lanes of one handler, so that events of one key run one at a
 * time and in order, and different keys side by side.
 *
 * <p>The poll thread of ingest offers; each lane is a thread of its own. It owns the events it accepted until they are
 * settled or let go. It hands each to handling, and tells the window when it is settled. When handling fails it holds
 * the key, tries again by the policy, and in the end blocks the key and says so; it never loses, skips or reorders.
 */
public final class Lanes {

    /** Slots of a ring: what a lane may have waiting before ingest must pause. Small: memory is bounded by bytes. */
    private static final int RING = 1024;

    /** Events that may queue behind keys in trouble, per lane, before it leaves its ring alone. */
    private static final int MAX_QUEUED = 4096;

    /** Threads for attempts at parked heads: apart, so that poison never occupies a lane. */
    private static final int MOST_RECOVERERS = 4;

    /** Parked heads that a lane has under way at once. */
    private static final int MOST_AT_ONCE = 4;

    /** For the ends of threads that have nothing to do. */
    private static final long LEAST_PATIENCE = TimeUnit.MILLISECONDS.toNanos(100);

    private final Parking parking;
    private final Owned owned;
    private final Turns turns;
    private final Duration timeout;
    private final Crew recoverers;
    private final Crew forcer;
    private final List<Lane> lanes = new ArrayList<>();

    /** Of the lanes: so the poll thread need not read what they write. */
    private final List<LaneRing> rings = new ArrayList<>();

    private final List<LaneDriver> drivers = new ArrayList<>();
    private final AtomicReference<@Nullable Throwable> fault = new AtomicReference<>();
    private long interruptedNanos; // published by the next
    private volatile boolean isInterrupted;

    /**
     * Makes the lanes; {@link #start} gives them threads.
     *
     * @param name prefix of the threads' names
     * @param gate whether attempts of the handler may begin, shared by its lanes on all brokers
     * @param applied what the handler has applied
     * @param parking where keys wait whose attempts in place are spent
     * @param ownsAll whether no other process can have a partition of its topics
     * @param turns who gives each lane its thread
     */
    public Lanes(
            String name,
            String handler,
            Handling handling,
            HandlerPolicy policy,
            HandlerGate gate,
            Applied applied,
            Parking parking,
            boolean ownsAll,
            Turns turns) {
        this.parking = parking;
        this.owned = new Owned(ownsAll);
        this.turns = turns;
        this.timeout = policy.timeout();
        this.recoverers = turns.crew(name + "-recovery", Math.min(policy.concurrency(), MOST_RECOVERERS));
        this.forcer = turns.crew(name + "-park", 1);
        for (int i = 0; i < policy.concurrency(); i++) {
            var signal = new LaneSignal();
            var parkedKeys =
                    new ParkedKeys(handler, parking, shards(i, policy.concurrency()), owned, forcer, MOST_AT_ONCE);
            var lane = new Lane(
                    handler,
                    i,
                    handling,
                    policy,
                    gate,
                    applied,
                    parkedKeys,
                    recoverers,
                    RING,
                    MAX_QUEUED,
                    turns.random(),
                    signal,
                    fault);
            lanes.add(lane);
            rings.add(lane.ring());
            drivers.add(new LaneDriver(name + "-lane-" + i, lane, signal, turns));
        }
        resumeParked();
    }

    private void resumeParked() {
        long now = turns.nanoTime();
        for (int i = 0; i < lanes.size(); i++) {
            lanes.get(i).resume(parking.parked(shards(i, lanes.size())), now);
        }
    }

    private static IntPredicate shards(int lane, int lanes) {
        return shard -> shard % lanes == lane;
    }

    /**
     * A partition became ours, until its fence comes down: what was parked of it may be attempted. Poll thread.
     *
     * @param acknowledged how far the group is done with it; null if it has not begun
     */
    public void onAssigned(TopicPartition partition, Fence fence, @Nullable Position acknowledged) {
        owned.assigned(partition, fence);
        if (acknowledged != null) {
            parking.assigned(partition, acknowledged);
        }
        lanes.forEach(Lane::onAssignment);
    }

    /**
     * Makes every lane know what is parked of a partition; completes when all do. Before any of its events is offered.
     *
     * @param parked by the shards of a lane
     */
    public CompletableFuture<?> takeUp(Function<IntPredicate, List<Parked>> parked) {
        var known = new ArrayList<CompletableFuture<?>>();
        for (int i = 0; i < lanes.size(); i++) {
            var ofLane = parked.apply(shards(i, lanes.size()));
            if (!ofLane.isEmpty()) {
                known.add(lanes.get(i).takeover().takeUp(ofLane));
            }
        }
        return CompletableFuture.allOf(known.toArray(CompletableFuture[]::new));
    }

    /** Lets go of the parked keys of which that holds: their partition is gone. */
    public void letGo(Predicate<Parked> which) {
        lanes.forEach(lane -> lane.takeover().letGo(which));
    }

    /** Nothing parked begins any more of partitions that are not assigned. */
    public void fenceParked() {
        owned.fenceRest();
    }

    /** Whether nothing parked runs of partitions that are not assigned. */
    public boolean isParkedIdle() {
        return owned.isRestIdle();
    }

    /** Starts the threads. */
    public void start() {
        drivers.forEach(LaneDriver::start);
    }

    /** Hands an event to its lane; false if that is full, then offer it again later. One thread only. */
    public boolean offer(InFlight event) {
        return rings.get(event.envelope().shard() % rings.size()).offer(event);
    }

    /** Whether so much is parked that nothing more should be taken in. */
    public boolean isParkingFull() {
        return parking.isFull();
    }

    /** Whether the event's lane would take it now. The thread that offers. */
    public boolean hasRoomFor(int shard) {
        return rings.get(shard % rings.size()).hasRoom();
    }

    /** Windows were fenced: what waits for them is let go soon. */
    public void onFence() {
        lanes.forEach(Lane::onFence);
    }

    /** Hands a dead head in again. Any thread. */
    public CompletableFuture<Boolean> redrive(int shard, String topic, String key, long letter) {
        return lane(shard).parkedHeads().redrive(topic, key, letter);
    }

    /** Gives a dead head up. Any thread. */
    public CompletableFuture<Boolean> skip(int shard, String topic, String key, long letter, String who, String why) {
        return lane(shard).parkedHeads().skip(topic, key, letter, who, why);
    }

    /** Gives a dead head up with all behind it. Any thread. */
    public CompletableFuture<Integer> drop(int shard, String topic, String key, long letter, String who, String why) {
        return lane(shard).parkedHeads().drop(topic, key, letter, who, why);
    }

    private Lane lane(int shard) {
        return lanes.get(shard % lanes.size());
    }

    /** Keys that wait for a later attempt or a person. */
    public List<BlockedKey> blockedKeys() {
        var all = new ArrayList<BlockedKey>();
        for (var lane : lanes) {
            all.addAll(lane.blockedKeys());
        }
        return all;
    }

    /** Events that wait in blocked keys: they will not be settled soon. */
    public long blockedEvents() {
        return lanes.stream().mapToLong(Lane::blockedEvents).sum();
    }

    /** Events since the start that were settled without being applied, by reason. */
    public Map<String, Long> skipped() {
        var sum = new TreeMap<String, Long>();
        lanes.forEach(lane -> lane.skips().addTo(sum));
        return sum;
    }

    /** An error of the virtual machine that a handler met; null if none. */
    public @Nullable Throwable fault() {
        return fault.get();
    }

    /** Looks at how long attempts run, and interrupts those that are late. One thread only. */
    void look(long now) {
        drivers.forEach(driver -> driver.look(now));
    }

    /** How long an attempt may run; zero if any time. */
    Duration timeout() {
        return timeout;
    }

    /** The attempts that run longer than they may, a line each. Any thread. */
    public List<String> lateAttempts() {
        long now = turns.nanoTime();
        return lanes.stream()
                .flatMap(lane -> lane.watch().problems(now).stream())
                .toList();
    }

    /** Whether the current thread is one of these lanes, that is, a handler calls. */
    public boolean isLaneThread() {
        return drivers.stream().anyMatch(LaneDriver::isCurrent);
    }

    /** Nothing more is offered. The thread that offered. */
    public void end() {
        lanes.forEach(Lane::end);
    }

    /**
     * Whether, since {@link #end}, the lanes have done what they have: what is left waits for a pause, for a person or for
     * the target, and comes again. Parked heads may still run.
     */
    public boolean isAtRest() {
        return lanes.stream().allMatch(Lane::isAtRest);
    }

    /** Interrupts handlers that run. After everything is fenced. */
    public void interrupt() {
        interruptedNanos = turns.nanoTime();
        isInterrupted = true;
        drivers.forEach(LaneDriver::interrupt);
        recoverers.end();
    }

    /** Where the lanes are that do something just now, for a person to read. */
    public String whereTheyAre() {
        return drivers.stream().map(LaneDriver::whereItIs).collect(Collectors.joining());
    }

    /**
     * Ends the threads after the attempt each is in.
     *
     * @param atMost how long that may take, from now or from when they were interrupted
     * @return whether all had ended in time; one whose handler does not react to interruption lives on, fenced
     */
    public boolean stop(Duration atMost) {
        drivers.forEach(LaneDriver::stop);
        long now = turns.nanoTime();
        long patience = isInterrupted ? atMost.toNanos() - (now - interruptedNanos) : atMost.toNanos();
        long end = now + Math.max(LEAST_PATIENCE, patience);
        boolean ended = true;
        boolean interrupted = false;
        for (var driver : drivers) {
            try {
                ended &= driver.join(end);
            } catch (InterruptedException stop) {
                interrupted = true;
                ended = false;
                break;
            }
        }
        recoverers.end(); // only now: a lane that still runs may hand it an attempt
        forcer.end();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return ended;
    }
}
