package dev.syncline.runtime.internal.dispatch;

import dev.syncline.runtime.Health.BlockedKey;
import dev.syncline.runtime.internal.dispatch.Parking.Parked;
import dev.syncline.runtime.internal.handling.Attempt;
import dev.syncline.runtime.internal.handling.Handling;
import dev.syncline.runtime.internal.handling.Verdict;
import dev.syncline.runtime.internal.settle.InFlight;
import dev.syncline.runtime.internal.turns.Crew;
import dev.syncline.runtime.internal.wiring.HandlerPolicy;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One lane of a handler: a loop over four inputs, which are its ring, its mailbox of completions and commands, its
 * timers, and its table of keys. It handles one event at a time per key and keeps the events of a key in order, whatever
 * becomes of each of them (S7, S8).
 *
 * <p>A key is idle (not in the table), READY, BUSY, HELD, BLOCKED or PARKED; the events of a key that is not idle queue
 * behind its head. An event of an idle key is handled at once, without touching the table. The number of queued events
 * is bounded: over the bound the lane leaves its ring alone, the ring fills, and ingest pauses the partitions (S24).
 *
 * <p>The loop is here. What it does is beside it: {@link Arrivals} takes events from the ring, {@link InPlace} makes the
 * attempts on this thread, {@link LaneKeys} decides what becomes of keys, {@link ParkedHeads} works on those that are parked.
 *
 * <p>Threading: {@link #run} and all state belong to the lane's thread; {@link #offer} to the one poll thread.
 */
final class Lane {

    private static final Logger LOG = LoggerFactory.getLogger(Lane.class);

    /** Events taken from the ring in one turn, so that completions and timers are never starved by a full ring. */
    private static final int TURN = 256;

    private final String handler;
    private final int number;
    private final Gate gate;
    private final int maxQueued;
    private final LaneSignal signal;
    private final AtomicReference<@Nullable Throwable> fault;

    private final LaneRing ring;
    private final Mailbox mailbox;
    private final Admission admission;
    private final LaneWatch watch;
    private final LaneKeys keys;
    private final InPlace inPlace;
    private final Arrivals arrivals;
    private final ParkedHeads parkedHeads;

    private volatile boolean fenced;
    private volatile boolean assigned;
    private volatile boolean ending;
    private volatile boolean atRest;

    Lane(
            String handler,
            int number,
            Handling handling,
            HandlerPolicy policy,
            HandlerGate handlerGate,
            Applied applied,
            ParkedKeys parkedKeys,
            Crew recoverers,
            int ringSize,
            int maxQueued,
            RandomGenerator random,
            LaneSignal signal,
            AtomicReference<@Nullable Throwable> fault) {
        this.handler = handler;
        this.number = number;
        this.maxQueued = maxQueued;
        this.signal = signal;
        this.fault = fault;
        this.ring = new LaneRing(ringSize, signal);
        this.mailbox = new Mailbox(signal);
        this.gate = handlerGate.lane(signal::wake);
        this.admission = new Admission(handler, handling, applied);
        this.watch = new LaneWatch(handler, policy.timeout());
        var table = new Keys();
        var call = new HandlerCall(handler, handling, fault);
        this.inPlace = new InPlace(policy.idempotent(), table, gate, call, watch, signal, mailbox, this::onEnd);
        this.keys = new LaneKeys(
                handler,
                handling,
                policy,
                gate,
                handlerGate.pause(),
                admission,
                table,
                parkedKeys,
                mailbox,
                random,
                inPlace::onComplete);
        this.arrivals = new Arrivals(handling, admission, gate, keys, inPlace);
        this.parkedHeads = new ParkedHeads(handler, handling, admission, gate, call, keys, mailbox, watch, recoverers);
    }

    private void onEnd(Attempt attempt, List<KeyState> batch, List<Verdict> verdicts, long now) {
        keys.ended(attempt, batch, verdicts, now);
    }

    /** Takes up what was parked in its shards before the start. Before its thread runs. */
    void resume(List<Parked> before, long now) {
        keys.resume(before, now);
    }

    // --- from other threads

    /** Whether {@link #offer} would take an event. Poll thread. */
    boolean hasRoom() {
        return ring.hasRoom();
    }

    /** Hands an event over; false if the ring is full. Poll thread. */
    boolean offer(InFlight event) {
        return ring.offer(event);
    }

    /** Where events are handed over. Poll thread. */
    LaneRing ring() {
        return ring;
    }

    /** Partitions became ours: parked heads of them may begin. Any thread. */
    void onAssignment() {
        assigned = true;
        signal.wake();
    }

    /** A window was fenced: what waits for it is to be let go. Any thread. */
    void onFence() {
        fenced = true;
        signal.wake();
    }

    /** Nothing more is offered; {@link #isAtRest} tells when nothing moves any more. The thread that offered. */
    void end() {
        ending = true;
        signal.wake();
    }

    /** Whether, since {@link #end}, all is done that need not wait for a pause, a person or the target. Any thread. */
    boolean isAtRest() {
        return atRest;
    }

    /** What comes and goes with partitions. */
    Takeover takeover() {
        return keys.takeover;
    }

    /** What people may ask for. */
    ParkedHeads parkedHeads() {
        return parkedHeads;
    }

    /** The keys that wait for a later attempt or a person. Any thread. */
    List<BlockedKey> blockedKeys() {
        return keys.recovery.blockedKeys();
    }

    /** What was settled without being applied. Any thread. */
    Skips skips() {
        return admission.skips();
    }

    /** Events of these keys. Any thread. */
    int blockedEvents() {
        return keys.recovery.blockedEvents();
    }

    /** How long its attempts run. */
    LaneWatch watch() {
        return watch;
    }

    // --- the loop

    /**
     * Does a bounded amount of work; blocks only where the handler does.
     *
     * @return how much; 0 if there was nothing to do
     */
    int run(long now) {
        int work = mailbox.run(now) + keys.recovery.due(now);
        if (fenced) {
            fenced = false;
            keys.dropFenced(now);
            work++;
        }
        if (assigned) {
            assigned = false;
            keys.onAssigned(now);
            work++;
        }
        if (!gate.isShut(now)) {
            work += takeFromRing(now);
            work += attempts(now);
            work += parkedHeads.attempt(now);
        }
        work += keys.parked.force(now, mailbox);
        if (ending) {
            atRest = !moves(now);
        }
        return work;
    }

    /** Whether it will go on by itself, at once. */
    private boolean moves(long now) {
        return !inPlace.isFree()
                || !mailbox.isEmpty()
                || keys.parked.isForcing(now)
                || (!gate.isShut(now) && ((hasSpace() && !ring.isEmpty()) || !keys.batches.isEmpty()));
    }

    /** When {@link #run} has something to do even if nothing comes in; {@link Long#MAX_VALUE} if never. */
    long nextDueNanos(long now) {
        return Math.min(keys.recovery.nextDueNanos(), gate.nextNanos(now));
    }

    /** Whether something waits that {@link #run} would take up at once. Lane's thread, before it parks. */
    boolean hasInput(long now) {
        if (fenced || assigned || !mailbox.isEmpty()) {
            return true;
        }
        if (gate.isShut(now)) {
            return false;
        }
        if (inPlace.isFree() && hasSpace() && !ring.isEmpty()) {
            return true;
        }
        return !gate.isPuttingOff(now) && (keys.parked.hasDue() || (inPlace.isFree() && !keys.batches.isEmpty()));
    }

    /** The lane itself has failed and will not run again: what it holds stays unacknowledged. Its thread. */
    void onBroken(Throwable failure) {
        fault.compareAndSet(null, failure);
        atRest = true;
        LOG.error("{}: {} broke and handles nothing any more; restart the process", handler, this, failure);
    }

    private boolean hasSpace() {
        return keys.table.queued() < maxQueued;
    }

    private int takeFromRing(long now) {
        int taken = 0;
        while (taken < TURN && inPlace.isFree() && hasSpace() && !gate.isShut(now)) {
            var event = ring.poll();
            if (event == null) {
                break;
            }
            arrivals.accept(event, now);
            taken++;
        }
        return taken;
    }

    private int attempts(long now) {
        int work = 0;
        while (inPlace.isFree() && !gate.isShut(now)) {
            var batch = keys.batches.next(now);
            if (batch == null) {
                break;
            }
            var verdicts = inPlace.run(batch.attempt(), now);
            if (verdicts != null) {
                keys.ended(batch.attempt(), batch.keys(), verdicts, now);
            }
            work++;
        }
        return work;
    }

    // --- attempts that hang

    /** See {@link InPlace#onLeftBehind}. */
    void onLeftBehind(Attempt attempt) {
        inPlace.onLeftBehind(attempt);
    }

    /** See {@link InPlace#leaveBehindSoon}. */
    void leaveBehindSoon(Attempt attempt) {
        inPlace.leaveBehindSoon(attempt);
    }

    @Override
    public String toString() {
        return "lane " + number + " of " + handler + " with " + keys.table.size() + " keys, " + keys.table.queued()
                + " queued";
    }
}
