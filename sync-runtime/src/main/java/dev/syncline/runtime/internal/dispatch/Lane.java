package dev.syncline.runtime.internal.dispatch;

import com.lmax.disruptor.EventPoller;
import com.lmax.disruptor.RingBuffer;
import dev.syncline.api.Delivery;
import dev.syncline.api.OutboxException;
import dev.syncline.runtime.Health.BlockedKey;
import dev.syncline.runtime.internal.dispatch.Applied.Answer;
import dev.syncline.runtime.internal.dispatch.KeyState.Status;
import dev.syncline.runtime.internal.dispatch.ParkedKeys.Left;
import dev.syncline.runtime.internal.dispatch.Parking.End;
import dev.syncline.runtime.internal.dispatch.Parking.Parked;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.envelope.LogText;
import dev.syncline.runtime.internal.handling.Attempt;
import dev.syncline.runtime.internal.handling.Handling;
import dev.syncline.runtime.internal.handling.Verdict;
import dev.syncline.runtime.internal.settle.InFlight;
import dev.syncline.runtime.internal.wiring.HandlerPolicy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One lane of a handler: a loop over four inputs, which are its ring, its mailbox of completions, its timers, and its
 * table of keys. It handles one event at a time per key and keeps the events of a key in order, whatever becomes of
 * each of them (S7, S8).
 *
 * <p>A key is idle (not in the table), READY, BUSY, HELD or BLOCKED; the events of a key that is not idle queue behind
 * its head. An event of an idle key is handled at once, without touching the table. The number of queued events is
 * bounded: over the bound the lane leaves its ring alone, the ring fills, and ingest pauses the partitions (S24).
 *
 * <p>Threading: {@link #run} and all state belong to the lane's thread; {@link #offer} to the one poll thread. The
 * mailbox takes completions from any thread; it holds at most one per running attempt, so it needs no bound of its own.
 */
final class Lane implements EventPoller.Handler<Slot>, Recovery.Listener {

    private static final Logger LOG = LoggerFactory.getLogger(Lane.class);

    /** Events taken from the ring in one turn, so that completions and timers are never starved by a full ring. */
    private static final int TURN = 256;

    private final String handler;
    private final int number;
    private final Handling handling;
    private final HandlerPolicy policy;
    private final Recovery recovery;
    private final HandlerPause pause;
    private final Applied applied;
    private final @Nullable ParkedKeys parkedKeys;
    private final Executor recoverers;
    private final int maxQueued;

    private final RingBuffer<Slot> ring;
    private final EventPoller<Slot> poller;
    private final LaneSignal signal;
    private final Queue<Runnable> mailbox = new ConcurrentLinkedQueue<>();
    private final Keys keys = new Keys();
    private final ArrayDeque<KeyState> ready = new ArrayDeque<>();

    private int queued;
    private int running;
    private int turn;
    private long nowNanos;
    private final AtomicReference<@Nullable Throwable> fault;
    private @Nullable Attempt inline;
    private @Nullable List<Verdict> inlineVerdicts;
    private volatile boolean fenced;
    private volatile boolean assigned;

    Lane(
            String handler,
            int number,
            Handling handling,
            HandlerPolicy policy,
            HandlerPause pause,
            Applied applied,
            @Nullable ParkedKeys parkedKeys,
            Executor recoverers,
            int ringSize,
            int maxQueued,
            RandomGenerator random,
            LaneSignal signal,
            AtomicReference<@Nullable Throwable> fault) {
        this.handler = handler;
        this.number = number;
        this.handling = handling;
        this.policy = policy;
        this.pause = pause;
        this.applied = applied;
        this.parkedKeys = parkedKeys;
        this.recoverers = recoverers;
        this.maxQueued = maxQueued;
        var backoff = new Backoff(policy.retry(), policy.retryLater(), policy.giveUpAfter(), random);
        this.recovery = new Recovery(handler, backoff, pause, keys, this, parkedKeys);
        this.signal = signal;
        this.fault = fault;
        this.ring = RingBuffer.createSingleProducer(Slot::new, ringSize, signal);
        this.poller = ring.newPoller();
        this.ring.addGatingSequences(poller.getSequence());
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

    /** Partitions became ours: parked heads of them may begin. Any thread. */
    void onAssignment() {
        assigned = true;
        signal.wake();
    }

    /** Whether {@link #offer} would take an event. Poll thread. */
    boolean hasRoom() {
        return ring.hasAvailableCapacity(1);
    }

    /** Makes the lane look at its inputs. Any thread. */
    void wake() {
        signal.wake();
    }

    /** Events of blocked keys. Any thread. */
    int blockedEvents() {
        return recovery.blockedEvents();
    }

    /** Hands an event over; false if the ring is full. Poll thread. */
    boolean offer(InFlight event) {
        if (!hasRoom()) {
            return false;
        }
        long sequence = ring.next();
        ring.get(sequence).event = event;
        ring.publish(sequence);
        return true;
    }

    /**
     * Does a bounded amount of work; blocks only where the handler does.
     *
     * @return how much; 0 if there was nothing to do
     */
    int run(long now) {
        nowNanos = now;
        int work = completions() + recovery.due(now);
        if (fenced) {
            fenced = false;
            dropFenced();
            work++;
        }
        if (assigned) {
            assigned = false;
            onAssigned();
            work++;
        }
        if (!pause.isOn(now)) {
            work += takeFromRing();
            work += attempts();
            work += attemptsAtParked();
        }
        return parkedKeys == null ? work : work + parkedKeys.force(now);
    }

    /** When {@link #run} has something to do even if nothing comes in; {@link Long#MAX_VALUE} if never. */
    long nextDueNanos(long now) {
        long due = recovery.nextDueNanos();
        return pause.isOn(now) ? Math.min(due, pause.untilNanos()) : due;
    }

    /** Whether something waits that {@link #run} would take up at once. Lane's thread, before it parks. */
    boolean hasInput(long now) {
        return fenced
                || assigned
                || !mailbox.isEmpty()
                || (!pause.isOn(now) && parkedKeys != null && parkedKeys.hasDue())
                || (!pause.isOn(now) && running == 0 && (!ready.isEmpty() || (queued < maxQueued && hasInRing())));
    }

    /** A window was fenced: what waits for it is to be let go. Any thread. */
    void onFence() {
        fenced = true;
        signal.wake();
    }

    /** The lane itself has failed and will not run again: what it holds stays unacknowledged. Its thread. */
    void onBroken(Throwable failure) {
        fault.compareAndSet(null, failure);
        LOG.error("{}: {} broke and handles nothing any more; restart the process", handler, this, failure);
    }

    /** The keys that wait for a later attempt or a person. Any thread. */
    List<BlockedKey> blockedKeys() {
        return recovery.blockedKeys();
    }

    private boolean hasInRing() {
        return poller.getSequence().get() < ring.getCursor();
    }

    // --- ring

    private int takeFromRing() {
        if (queued >= maxQueued || running >= 1) {
            return 0; // a lane works on one attempt at a time: concurrency is the number of lanes
        }
        turn = 0;
        try {
            poller.poll(this);
        } catch (RuntimeException | Error fault) {
            throw fault;
        } catch (Exception impossible) {
            throw new AssertionError(impossible);
        }
        return turn;
    }

    /** One slot of the ring; called by the poller. */
    @Override
    public boolean onEvent(Slot slot, long sequence, boolean endOfBatch) {
        var event = slot.event;
        slot.event = null;
        turn++;
        accept(event);
        return turn < TURN && queued < maxQueued && running == 0 && !pause.isOn(nowNanos);
    }

    private void accept(@Nullable InFlight event) {
        if (event == null) {
            throw new AssertionError("empty slot in the ring");
        }
        var envelope = event.envelope();
        var state = keys.find(envelope);
        if (state != null) {
            state.events.add(event);
            queued++;
            if (state.parked == null) {
                recovery.queuedBehind(state);
            } else {
                appendToParked(state);
            }
            return;
        }
        int route = handling.route(envelope);
        if (handling.batchSize(Math.max(route, 0)) == 1 || route == Handling.UNHANDLED) {
            handleOne(event, route);
            return;
        }
        ready.add(queue(event));
    }

    // --- attempts

    /** An event of an idle key, alone: the common way. */
    private void handleOne(InFlight event, int route) {
        if (!event.begin()) {
            event.drop();
            return;
        }
        var answer = admission(event.envelope(), route);
        if (answer == Answer.CONFLICT || answer == Answer.UNKNOWN) {
            event.end();
            recovery.failed(queue(event), refusal(answer, event.envelope()), nowNanos);
            return;
        }
        if (answer != Answer.APPLY) {
            event.settle();
            event.end();
            return;
        }
        var attempt = attempt(route, List.of(event), 1);
        var verdicts = runAttempt(attempt);
        if (verdicts == null) {
            // it goes on elsewhere: from now on its key is BUSY
            queue(event).status = Status.BUSY;
            running++;
            return;
        }
        var verdict = verdicts.get(0);
        if (isSettling(verdict)) {
            noteOutcome(event.envelope(), verdict);
            event.settle(); // before the end: who waits for the end acknowledges what is settled
            event.end();
        } else {
            event.end();
            if (event.isFenced()) {
                event.drop(); // its partition is gone, it comes again
            } else {
                recovery.failed(queue(event), verdict, nowNanos);
            }
        }
    }

    /** The event becomes the head of a key that was idle. */
    private KeyState queue(InFlight event) {
        var state = keys.add(event.envelope());
        state.events.add(event);
        queued++;
        return state;
    }

    private Answer admission(Envelope event, int route) {
        if (route == Handling.UNHANDLED) {
            return Answer.DUPLICATE; // nothing to do, either
        }
        if (event.problem() != null) {
            return Answer.APPLY; // to be refused by its attempt
        }
        try {
            return applied.ask(event, handling.kind(event));
        } catch (OutboxException unreadable) {
            LOG.debug("{}: what was applied cannot be read", handler, unreadable);
            return Answer.UNKNOWN;
        }
    }

    private static Verdict refusal(Answer answer, Envelope event) {
        if (answer == Answer.UNKNOWN) {
            return new Verdict.Failed("inbox.unreadable", "what was applied before cannot be read", null, null);
        }
        return new Verdict.Rejected(
                "id.conflict",
                "another event came under the id " + LogText.of(event.id()) + " of source " + LogText.of(event.source())
                        + " before, with other content: its producer reuses ids",
                null);
    }

    private int attempts() {
        int work = 0;
        while (!ready.isEmpty() && running == 0 && !pause.isOn(nowNanos)) {
            work += attemptReady();
        }
        return work;
    }

    @Override
    public void ready(KeyState state) {
        if (state.parked != null && parkedKeys != null) {
            parkedKeys.due(state);
            return;
        }
        state.status = Status.READY;
        ready.add(state);
    }

    @Override
    public void parked(KeyState state) {
        queued--;
        if (state.parked != null) {
            appendToParked(state);
        } else if (state.events.isEmpty()) {
            keys.remove(state);
        } else {
            state.resetHead();
            ready(state);
        }
    }

    // --- parked keys

    private void appendToParked(KeyState state) {
        if (parkedKeys != null) {
            queued -= parkedKeys.append(state);
        }
    }

    private void onAssigned() {
        if (parkedKeys != null) {
            parkedKeys.onAssigned();
        }
    }

    private int attemptsAtParked() {
        int work = 0;
        if (parkedKeys != null) {
            for (ParkedKeys.Begun begun; (begun = parkedKeys.begin()) != null; work++) {
                attemptParked(begun.state(), begun.envelope());
            }
        }
        return work;
    }

    /** On another thread: what fails again and again must not occupy the lane. */
    private void attemptParked(KeyState state, Envelope head) {
        int route = handling.route(head);
        var answer = admission(head, route);
        switch (answer) {
            case DUPLICATE -> closeParked(state, End.DONE);
            case STALE -> closeParked(state, End.STALE);
            case CONFLICT, UNKNOWN -> {
                requireParkedKeys().ended(state);
                recovery.parkedFailed(state, refusal(answer, head), head.toString(), nowNanos);
            }
            case APPLY -> {
                var delivery = new Delivery(
                        handler, state.required().failure().attempts() + 1, false, head.mode(), head.firstSeen());
                var attempt = new Attempt(
                        route,
                        List.of(head),
                        delivery,
                        (done, verdicts) -> mail(() -> endParked(state, head, verdicts)));
                recoverers.execute(() -> run(attempt));
            }
        }
    }

    private void endParked(KeyState state, Envelope head, List<Verdict> verdicts) {
        var verdict = verdicts.get(0);
        if (isSettling(verdict)) {
            noteOutcome(head, verdict);
            closeParked(state, End.DONE);
        } else {
            requireParkedKeys().ended(state);
            recovery.parkedFailed(state, verdict, head.toString(), nowNanos);
        }
    }

    /** Hands a dead head in again; tells whether it was one. Any thread. */
    CompletableFuture<Boolean> redrive(String topic, String key, long letter) {
        return command(topic, key, false, state -> {
            boolean isRedriven = requireParkedKeys().redrive(state, letter);
            if (isRedriven) {
                ready(state);
            }
            return isRedriven;
        });
    }

    /** Gives a dead head up; tells whether it was one. Any thread. */
    CompletableFuture<Boolean> skip(String topic, String key, long letter, String who, String why) {
        return command(topic, key, false, state -> {
            var left = requireParkedKeys().skip(state, letter, who, why);
            if (left != null) {
                goOn(state, left);
            }
            return left != null;
        });
    }

    /** Gives a dead head up with all behind it; tells how many. Any thread. */
    CompletableFuture<Integer> drop(String topic, String key, long letter, String who, String why) {
        return command(topic, key, 0, state -> {
            int dropped = requireParkedKeys().drop(state, letter, who, why);
            if (dropped > 0) {
                goOn(state, Left.NOTHING);
            }
            return dropped;
        });
    }

    /** Does something to a key that is parked and not being attempted. */
    private <R> CompletableFuture<R> command(String topic, String key, R otherwise, Function<KeyState, R> command) {
        var answer = new CompletableFuture<R>();
        mail(() -> {
            try {
                var state = keys.find(topic, key);
                boolean isWaiting = state != null && state.parked != null && state.status != Status.BUSY;
                var result = isWaiting ? command.apply(state) : otherwise;
                recovery.publish();
                answer.complete(result);
            } catch (OutboxException refused) {
                answer.completeExceptionally(refused);
            }
        });
        return answer;
    }

    /** The next head follows, or the key is idle again, but for what the disk refused meanwhile. */
    private void closeParked(KeyState state, End end) {
        requireParkedKeys().ended(state);
        goOn(state, requireParkedKeys().close(state, end));
        recovery.publish();
    }

    private void goOn(KeyState state, Left left) {
        switch (left) {
            case HEAD -> recovery.schedule(state, ParkedKeys.DISK_PAUSE, nowNanos);
            case NEXT -> ready(state);
            case NOTHING -> {
                state.resetHead();
                if (state.events.isEmpty()) {
                    keys.remove(state);
                } else {
                    ready(state);
                }
            }
        }
    }

    private ParkedKeys requireParkedKeys() {
        return Objects.requireNonNull(parkedKeys);
    }

    private void mail(Runnable completion) {
        mailbox.add(completion);
        signal.wake();
    }

    /** Takes the first ready key and, where its method takes a list, those that fit beside it. */
    private int attemptReady() {
        var first = ready.poll();
        if (first == null || !beginHead(first)) {
            return 1;
        }
        var head = first.head().envelope();
        int route = handling.route(head);
        int size = handling.batchSize(route);
        var batch = new ArrayList<KeyState>(Math.min(size, ready.size() + 1));
        batch.add(first);
        int failures = first.failures;
        for (int left = ready.size(); left > 0 && batch.size() < size; left--) {
            var next = ready.remove();
            if (!fits(next, head, route, failures)) {
                ready.add(next);
            } else if (beginHead(next)) {
                if (fits(next, head, route, failures)) {
                    batch.add(next);
                    failures = Math.max(failures, next.failures);
                } else { // what was head before was let go, and this one is of another kind
                    next.head().end();
                    ready.add(next);
                }
            }
        }
        var events = new ArrayList<InFlight>(batch.size());
        for (var state : batch) {
            state.status = Status.BUSY;
            events.add(state.head());
        }
        var attempt = attempt(route, events, failures + 1);
        var verdicts = runAttempt(attempt);
        if (verdicts == null) {
            running++;
        } else {
            finish(batch, verdicts);
        }
        return batch.size();
    }

    /** Whether the head of a key may go along: a failed one only with its like, so as not to take fresh ones down. */
    private boolean fits(KeyState state, Envelope head, int route, int failures) {
        var candidate = state.head().envelope();
        return handling.route(candidate) == route
                && candidate.mode() == head.mode()
                && (state.failures == 0) == (failures == 0);
    }

    /**
     * Lets the head of a ready key begin. What its partition's end, or what was applied before, makes needless is let go
     * or settled first.
     *
     * @return whether there is a head to attempt
     */
    private boolean beginHead(KeyState state) {
        while (true) {
            var head = state.head();
            if (!head.begin()) {
                removeHead(state).drop();
            } else {
                var answer = admission(head.envelope(), handling.route(head.envelope()));
                if (answer == Answer.APPLY) {
                    return true;
                }
                if (answer == Answer.CONFLICT || answer == Answer.UNKNOWN) {
                    head.end();
                    recovery.failed(state, refusal(answer, head.envelope()), nowNanos);
                    return false;
                }
                removeHead(state).settle();
                head.end();
            }
            if (state.events.isEmpty()) {
                keys.remove(state);
                return false;
            }
        }
    }

    private InFlight removeHead(KeyState state) {
        boolean wasVisible = state.isVisible();
        var head = state.events.remove();
        queued--;
        state.resetHead();
        if (wasVisible) {
            recovery.publish();
        }
        return head;
    }

    private Attempt attempt(int route, List<InFlight> events, int count) {
        var envelopes = new ArrayList<Envelope>(events.size());
        var firstSeen = events.get(0).envelope().firstSeen();
        for (var event : events) {
            var envelope = event.envelope();
            envelopes.add(envelope);
            if (envelope.firstSeen().isBefore(firstSeen)) {
                firstSeen = envelope.firstSeen();
            }
        }
        var mode = envelopes.get(0).mode();
        var delivery = new Delivery(handler, count, recovery.isLastInPlace(count), mode, firstSeen);
        return new Attempt(route, envelopes, delivery, this::onComplete);
    }

    /** Runs an attempt; null if it goes on after the call. */
    private @Nullable List<Verdict> runAttempt(Attempt attempt) {
        inline = attempt;
        inlineVerdicts = null;
        try {
            run(attempt);
        } finally {
            inline = null;
        }
        return inlineVerdicts;
    }

    private void run(Attempt attempt) {
        try {
            handling.attempt(attempt);
        } catch (VirtualMachineError fatal) {
            // handling contains all else; the lane goes on so that others are not stopped, and health says what
            // happened
            fault.set(fatal);
            LOG.error(
                    "{}: the handler met {}; the process may be unsound, restart it",
                    handler,
                    LogText.describe(fatal),
                    LogText.printable(fatal));
            attempt.complete(Collections.nCopies(
                    attempt.events().size(),
                    new Verdict.Failed("virtual.machine.error", LogText.describe(fatal), null, fatal)));
        }
    }

    /** The end of an attempt: on the lane's thread during the call, or from anywhere, any time later. */
    private void onComplete(Attempt attempt, List<Verdict> verdicts) {
        if (signal.isLaneThread() && isInline(attempt)) {
            inlineVerdicts = verdicts;
            return;
        }
        mail(() -> completed(attempt, verdicts));
    }

    @SuppressWarnings("ReferenceEquality") // this very attempt
    private boolean isInline(Attempt attempt) {
        return inline == attempt;
    }

    // --- completions

    private int completions() {
        int work = 0;
        for (Runnable completion; (completion = mailbox.poll()) != null; work++) {
            completion.run();
        }
        return work;
    }

    private void completed(Attempt attempt, List<Verdict> verdicts) {
        var batch = new ArrayList<KeyState>(attempt.events().size());
        for (var envelope : attempt.events()) {
            var state = keys.find(envelope);
            if (state == null) {
                throw new AssertionError("completion of a key that is idle: " + envelope);
            }
            batch.add(state);
        }
        running--;
        finish(batch, verdicts);
    }

    private void finish(List<KeyState> batch, List<Verdict> verdicts) {
        for (int i = 0; i < batch.size(); i++) {
            var state = batch.get(i);
            var verdict = verdicts.get(i);
            var head = state.head();
            if (isSettling(verdict)) {
                noteOutcome(head.envelope(), verdict);
                removeHead(state).settle(); // before the end: who waits for the end acknowledges what is settled
                head.end();
                goOnAfterHead(state);
            } else {
                head.end();
                if (head.isFenced()) {
                    removeHead(state).drop(); // its partition is gone, it comes again
                    goOnAfterHead(state);
                } else {
                    recovery.failed(state, verdict, nowNanos);
                }
            }
        }
    }

    private void goOnAfterHead(KeyState state) {
        if (state.events.isEmpty()) {
            keys.remove(state);
        } else {
            ready(state);
        }
    }

    private static boolean isSettling(Verdict verdict) {
        return verdict instanceof Verdict.Done || verdict instanceof Verdict.Skipped;
    }

    // --- fences

    /**
     * Lets go of what waits in this lane for partitions that are gone, so that its memory and its key are free; events
     * in the ring are let go when they are taken.
     */
    private void dropFenced() {
        var idle = new ArrayList<KeyState>();
        keys.forEach(state -> {
            if (state.status == Status.BUSY && state.parked == null) {
                return; // the run goes on, its key stays BUSY until it ends, whatever became of the partition
            }
            boolean headGone = state.parked == null && state.head().isFenced();
            state.events.removeIf(event -> {
                if (event.isFenced()) {
                    event.drop();
                    queued--;
                    return true;
                }
                return false;
            });
            if (state.parked != null) {
                return; // its head is in the store, and waits for its partition there
            }
            if (state.events.isEmpty()) {
                idle.add(state);
            } else if (headGone && state.status != Status.READY) {
                state.resetHead();
                ready(state);
            }
        });
        for (var state : idle) {
            state.timer = null;
            ready.remove(state);
            keys.remove(state);
        }
        recovery.publish();
    }

    private void noteOutcome(Envelope event, Verdict verdict) {
        if (verdict instanceof Verdict.Done) {
            applied.done(event, handling.kind(event));
        }
        if (LOG.isDebugEnabled()) {
            LOG.debug("{}: {} {}", handler, verdict, event);
        }
    }

    @Override
    public String toString() {
        return "lane " + number + " of " + handler + " with " + keys.size() + " keys, " + queued
                + " queued, concurrency " + policy.concurrency();
    }
}
