package dev.syncline.runtime.internal.dispatch;

import dev.syncline.runtime.Health.BlockedKey;
import dev.syncline.runtime.internal.dispatch.Applied.Answer;
import dev.syncline.runtime.internal.dispatch.KeyState.Status;
import dev.syncline.runtime.internal.dispatch.Parking.Parked;
import dev.syncline.runtime.internal.handling.Attempt;
import dev.syncline.runtime.internal.handling.Handling;
import dev.syncline.runtime.internal.handling.Verdict;
import dev.syncline.runtime.internal.settle.InFlight;
import dev.syncline.runtime.internal.turns.Crew;
import dev.syncline.runtime.internal.wiring.HandlerPolicy;
import java.util.ArrayList;
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
 * <p>The loop is here; what it decides by is beside it: {@link Batches} what goes into an attempt, {@link Recovery} what
 * becomes of a key that failed, {@link ParkedKeys} and {@link ParkedHeads} what becomes of one that is parked.
 *
 * <p>Threading: {@link #run} and all state belong to the lane's thread; {@link #offer} to the one poll thread.
 */
final class Lane implements Recovery.Listener {

    private static final Logger LOG = LoggerFactory.getLogger(Lane.class);

    /** Events taken from the ring in one turn, so that completions and timers are never starved by a full ring. */
    private static final int TURN = 256;

    private final String handler;
    private final int number;
    private final Handling handling;
    private final HandlerPolicy policy;
    private final Gate gate;
    private final int maxQueued;
    private final LaneSignal signal;
    private final AtomicReference<@Nullable Throwable> fault;

    private final LaneRing ring;
    private final Mailbox mailbox;
    private final Keys keys = new Keys();
    private final Admission admission;
    private final HandlerCall call;
    private final ParkedKeys parkedKeys;
    private final Recovery recovery;
    private final Batches batches;
    private final Takeover takeover;
    private final ParkedHeads parkedHeads;

    private final LaneWatch watch;

    private long nowNanos;

    /** The attempt that goes on after its call, and that the lane waits for. */
    private @Nullable Attempt pending;

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
        this.handling = handling;
        this.policy = policy;
        this.parkedKeys = parkedKeys;
        this.maxQueued = maxQueued;
        this.signal = signal;
        this.fault = fault;
        this.ring = new LaneRing(ringSize, signal);
        this.mailbox = new Mailbox(signal);
        this.gate = handlerGate.lane(signal::wake);
        this.admission = new Admission(handler, handling, applied);
        this.call = new HandlerCall(handler, handling, fault);
        var backoff = new Backoff(policy.retry(), policy.retryLater(), policy.giveUpAfter(), random);
        this.recovery = new Recovery(handler, backoff, handlerGate.pause(), keys, this, parkedKeys);
        this.watch = new LaneWatch(handler, policy.timeout());
        this.batches = new Batches(handler, handling, admission, gate, recovery, keys, this::onComplete);
        this.takeover = new Takeover(keys, batches, parkedKeys, recovery, this, mailbox);
        this.parkedHeads = new ParkedHeads(
                handler,
                handling,
                admission,
                gate,
                call,
                keys,
                parkedKeys,
                recovery,
                this,
                takeover,
                mailbox,
                watch,
                recoverers);
    }

    /** Takes up what was parked in its shards before the start. Before its thread runs. */
    void resume(List<Parked> before, long now) {
        nowNanos = now;
        for (var parked : before) {
            var state = keys.add(parked.topic(), parked.key());
            state.parked = parked;
            state.status = Status.PARKED;
            recovery.schedule(state, parked.failure().dueInNanos(), now);
        }
        recovery.publish();
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
        return takeover;
    }

    /** What people may ask for. */
    ParkedHeads parkedHeads() {
        return parkedHeads;
    }

    /** The keys that wait for a later attempt or a person. Any thread. */
    List<BlockedKey> blockedKeys() {
        return recovery.blockedKeys();
    }

    /** What was settled without being applied. Any thread. */
    Skips skips() {
        return admission.skips();
    }

    /** Events of these keys. Any thread. */
    int blockedEvents() {
        return recovery.blockedEvents();
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
        nowNanos = now;
        int work = mailbox.run(now) + recovery.due(now);
        if (fenced) {
            fenced = false;
            dropFenced();
            work++;
        }
        if (assigned) {
            assigned = false;
            parkedKeys.onAssigned();
            work++;
        }
        if (!gate.isShut(now)) {
            work += takeFromRing();
            work += attempts();
            work += parkedHeads.attempt(now);
        }
        work += parkedKeys.force(now);
        if (ending) {
            atRest = !moves(now);
        }
        return work;
    }

    /** Whether it will go on by itself, at once. */
    private boolean moves(long now) {
        return !isFree()
                || !mailbox.isEmpty()
                || parkedKeys.isForcing(now)
                || (!gate.isShut(now) && ((hasSpace() && !ring.isEmpty()) || !batches.isEmpty()));
    }

    /** When {@link #run} has something to do even if nothing comes in; {@link Long#MAX_VALUE} if never. */
    long nextDueNanos(long now) {
        return Math.min(recovery.nextDueNanos(), gate.nextNanos(now));
    }

    /** Whether something waits that {@link #run} would take up at once. Lane's thread, before it parks. */
    boolean hasInput(long now) {
        if (fenced || assigned || !mailbox.isEmpty()) {
            return true;
        }
        if (gate.isShut(now)) {
            return false;
        }
        if (isFree() && hasSpace() && !ring.isEmpty()) {
            return true;
        }
        return !gate.isPuttingOff(now) && (parkedKeys.hasDue() || (isFree() && !batches.isEmpty()));
    }

    /** The lane itself has failed and will not run again: what it holds stays unacknowledged. Its thread. */
    void onBroken(Throwable failure) {
        fault.compareAndSet(null, failure);
        atRest = true;
        LOG.error("{}: {} broke and handles nothing any more; restart the process", handler, this, failure);
    }

    /** A lane works on one attempt at a time: concurrency is the number of lanes. */
    private boolean isFree() {
        return pending == null;
    }

    private boolean hasSpace() {
        return keys.queued() < maxQueued;
    }

    private int takeFromRing() {
        int taken = 0;
        while (taken < TURN && isFree() && hasSpace() && !gate.isShut(nowNanos)) {
            var event = ring.poll();
            if (event == null) {
                break;
            }
            accept(event);
            taken++;
        }
        return taken;
    }

    private int attempts() {
        int work = 0;
        while (isFree() && !gate.isShut(nowNanos)) {
            var batch = batches.next(nowNanos);
            if (batch == null) {
                break;
            }
            attempt(batch);
            work++;
        }
        return work;
    }

    // --- one event from the ring

    private void accept(InFlight event) {
        var envelope = event.envelope();
        var state = keys.find(envelope);
        if (state == null) {
            int route = handling.route(envelope);
            if (route == Handling.UNHANDLED || handling.batchSize(route) == 1) {
                handleOne(event, route);
            } else {
                batches.add(keys.queue(event));
            }
            return;
        }
        keys.queue(state, event);
        if (state.parked == null) {
            recovery.queuedBehind(state);
        } else {
            keys.dequeued(parkedKeys.append(state));
        }
    }

    /** An event of an idle key, alone: the common way. */
    private void handleOne(InFlight event, int route) {
        if (!event.begin()) {
            event.drop();
            return;
        }
        var kind = admission.kind(event.envelope());
        var answer = admission.ask(event.envelope(), route, kind);
        if (Admission.isRefusal(answer)) {
            event.end();
            recovery.failed(keys.queue(event), Admission.refusal(answer, event.envelope()), nowNanos);
            return;
        }
        if (answer != Answer.APPLY) {
            Batches.settle(event, answer != Answer.GONE);
            event.end();
            return;
        }
        if (!gate.mayBegin(event.envelope(), nowNanos)) {
            event.end();
            batches.add(keys.queue(event));
            return;
        }
        var verdicts = runAttempt(batches.alone(route, event));
        if (verdicts == null) {
            keys.queue(event).status = Status.BUSY; // until it ends elsewhere
            return;
        }
        var verdict = verdicts.get(0);
        if (Admission.isSettling(verdict)) {
            // before the end: who waits for the end acknowledges what is settled
            Batches.settle(event, admission.note(event.envelope(), verdict, kind));
            event.end();
        } else {
            event.end();
            if (event.isFenced()) {
                event.drop(); // its partition is gone, it comes again
            } else {
                recovery.failed(keys.queue(event), verdict, nowNanos);
            }
        }
    }

    // --- attempts

    private void attempt(Batches.Batch batch) {
        var verdicts = runAttempt(batch.attempt());
        if (verdicts != null) {
            finish(batch.attempt(), batch.keys(), verdicts);
        }
    }

    /** Runs an attempt; null if it goes on after the call. */
    private @Nullable List<Verdict> runAttempt(LaneAttempt attempt) {
        attempt.isInline = true;
        watch.begin(attempt);
        call.run(attempt);
        if (attempt.isLeftBehind()) {
            throw new LeftBehind();
        }
        attempt.isInline = false;
        var verdicts = attempt.verdicts;
        if (verdicts == null) {
            pending = attempt;
        } else {
            watch.end();
            tellGate(attempt, verdicts);
        }
        return verdicts;
    }

    /** The end of an attempt: on the lane's thread during the call, or from anywhere, any time later. */
    private void onComplete(Attempt attempt, List<Verdict> verdicts) {
        var ours = (LaneAttempt) attempt;
        if (!attempt.isLeftBehind() && signal.isLaneThread() && ours.isInline) {
            ours.verdicts = verdicts;
        } else {
            mailbox.post(now -> completed(attempt, verdicts));
        }
    }

    @SuppressWarnings("ReferenceEquality") // this very attempt
    private boolean isPending(Attempt attempt) {
        return pending == attempt;
    }

    private void completed(Attempt attempt, List<Verdict> verdicts) {
        tellGate(attempt, verdicts);
        var batch = new ArrayList<KeyState>(attempt.events().size());
        for (var envelope : attempt.events()) {
            var state = keys.find(envelope);
            if (state == null) {
                throw new AssertionError("completion of a key that is idle: " + envelope);
            }
            batch.add(state);
        }
        if (isPending(attempt)) {
            pending = null;
            watch.end();
        }
        finish(attempt, batch, verdicts);
    }

    /**
     * The attempt that runs in place keeps the lane's thread: its keys stay BUSY until its end comes by the mailbox, and
     * the lane goes on with another thread, which is started after this. The thread that watches, while no thread has
     * the lane.
     */
    void onLeftBehind(Attempt attempt) {
        watch.end();
        gate.leftBehind(attempt.events());
        var event = ((LaneAttempt) attempt).alone;
        if (event != null) {
            keys.queue(event).status = Status.BUSY;
        }
    }

    /** The lane goes on without an attempt that it waits for, though its thread is free. Any thread. */
    void leaveBehindSoon(Attempt attempt) {
        mailbox.post(now -> {
            if (isPending(attempt)) {
                attempt.leaveBehind();
                gate.leftBehind(attempt.events());
                pending = null;
                watch.end();
            }
        });
    }

    /** A batch that failed as one and is halved says nothing yet: its halves do. */
    private void tellGate(Attempt attempt, List<Verdict> verdicts) {
        boolean isHalved = policy.idempotent()
                && attempt.failureOfAll() != null
                && attempt.events().size() > 1;
        if (!isHalved) {
            gate.ended(attempt.events(), verdicts, nowNanos);
        }
    }

    private void finish(Attempt attempt, List<KeyState> batch, List<Verdict> verdicts) {
        var ofAll = policy.idempotent() ? attempt.failureOfAll() : null;
        var together = new ArrayList<KeyState>(0);
        for (int i = 0; i < batch.size(); i++) {
            var state = batch.get(i);
            var verdict = verdicts.get(i);
            var head = state.head();
            if (Admission.isSettling(verdict)) {
                boolean isOurs = admission.note(head.envelope(), verdict);
                Batches.settle(recovery.removeHead(state), isOurs); // before the end, as above
                head.end();
                goOn(state);
                continue;
            }
            head.end();
            if (head.isFenced()) {
                recovery.removeHead(state).drop(); // its partition is gone, it comes again
                goOn(state);
            } else if (verdict.equals(ofAll)) {
                together.add(state);
            } else {
                recovery.failed(state, verdict, nowNanos);
            }
        }
        if (together.size() > 1) {
            batches.halve(together);
        } else if (ofAll != null) {
            together.forEach(state -> recovery.failed(state, ofAll, nowNanos));
        }
    }

    private void goOn(KeyState state) {
        if (state.successor != null) {
            takeover.adopt(state, nowNanos);
        } else if (state.events.isEmpty()) {
            keys.remove(state);
        } else {
            ready(state);
        }
    }

    // --- what becomes of keys

    /** The head is to be attempted: here, or where parked heads are. */
    @Override
    public void ready(KeyState state) {
        if (state.parked != null) {
            parkedKeys.due(state);
        } else {
            batches.add(state);
        }
    }

    /** The head left memory: what queues behind it follows, unless the head was parked under another name. */
    @Override
    public void parked(KeyState state) {
        keys.dequeued(1);
        if (state.parked != null) {
            keys.dequeued(parkedKeys.append(state));
        } else {
            state.resetHead();
            goOn(state);
        }
    }

    /**
     * Lets go of what waits in this lane for partitions that are gone, so that its memory and its key are free; events
     * in the ring are let go when they are taken.
     */
    private void dropFenced() {
        for (var state : keys.dropFenced()) {
            batches.remove(state);
            state.resetHead();
            goOn(state);
        }
        recovery.publish();
    }

    @Override
    public String toString() {
        return "lane " + number + " of " + handler + " with " + keys.size() + " keys, " + keys.queued()
                + " queued, concurrency " + policy.concurrency();
    }
}
