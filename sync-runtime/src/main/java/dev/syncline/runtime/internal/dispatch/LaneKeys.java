package dev.syncline.runtime.internal.dispatch;

import dev.syncline.runtime.internal.dispatch.KeyState.Status;
import dev.syncline.runtime.internal.dispatch.Parking.Parked;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.handling.Attempt;
import dev.syncline.runtime.internal.handling.Handling;
import dev.syncline.runtime.internal.handling.Verdict;
import dev.syncline.runtime.internal.wiring.HandlerPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The keys of a lane that are not idle, and what becomes of each when an attempt at its head has ended, its pause is over,
 * its head was parked or its partition went: it is ready again, HELD, BLOCKED, PARKED, or idle. What that is decided by is
 * beside it: {@link Batches} what goes into an attempt, {@link Recovery} what becomes of a key that failed, {@link
 * ParkedKeys} what becomes of one that is parked.
 *
 * <p>Threading: the lane's thread.
 */
final class LaneKeys implements Recovery.Listener {

    final Keys table;
    final ParkedKeys parked;
    final Recovery recovery;
    final Batches batches;
    final Takeover takeover;

    private final Admission admission;
    private final boolean isIdempotent;

    /** @param listener told the ends of the attempts */
    LaneKeys(
            String handler,
            Handling handling,
            HandlerPolicy policy,
            Gate gate,
            HandlerPause pause,
            Admission admission,
            Keys table,
            ParkedKeys parked,
            Mailbox mailbox,
            RandomGenerator random,
            Attempt.Listener listener) {
        this.table = table;
        this.parked = parked;
        this.admission = admission;
        this.isIdempotent = policy.idempotent();
        var backoff = new Backoff(policy.retry(), policy.retryLater(), policy.giveUpAfter(), random);
        this.recovery = new Recovery(handler, backoff, pause, table, this, parked);
        this.batches = new Batches(handler, handling, admission, gate, recovery, table, listener);
        this.takeover = new Takeover(table, batches, parked, recovery, this, mailbox);
    }

    /** Takes up what was parked before the start. */
    void resume(List<Parked> before, long now) {
        for (var key : before) {
            var state = table.add(key.topic(), key.key());
            state.parked = key;
            state.status = Status.PARKED;
            recovery.schedule(state, key.failure().dueInNanos(), now);
            recovery.note(state);
        }
        recovery.publish();
    }

    /** Partitions came: heads that waited for theirs may begin, and what was in doubt of them is known. */
    void onAssigned(long now) {
        parked.onAssigned();
        var confirmed = parked.confirmed();
        if (!confirmed.isEmpty()) {
            confirmed.forEach(key -> takeover.known(key, now));
            recovery.publish();
        }
    }

    /** An event comes that may tell what is parked of its key; before it is filed. */
    void arrives(Envelope event, long now) {
        var key = parked.arrives(event);
        if (key != null) {
            takeover.known(key, now);
            recovery.publish();
        }
    }

    /** An attempt at the heads of these keys has ended so. */
    void ended(Attempt attempt, List<KeyState> batch, List<Verdict> verdicts, long now) {
        var ofAll = isIdempotent ? attempt.failureOfAll() : null;
        var together = new ArrayList<KeyState>(0);
        for (int i = 0; i < batch.size(); i++) {
            var state = batch.get(i);
            var verdict = verdicts.get(i);
            var head = state.head();
            if (Admission.isSettling(verdict)) {
                boolean isOurs = admission.note(head.envelope(), verdict);
                Batches.settle(recovery.removeHead(state), isOurs); // before the end: who waits for it acknowledges
                head.end();
                goOn(state, now);
                continue;
            }
            head.end();
            if (head.isFenced()) {
                recovery.removeHead(state).drop(); // its partition is gone, it comes again
                goOn(state, now);
            } else if (verdict.equals(ofAll)) {
                together.add(state);
            } else {
                recovery.failed(state, verdict, now);
            }
        }
        if (together.size() > 1) {
            batches.halve(together);
        } else if (ofAll != null) {
            together.forEach(state -> recovery.failed(state, ofAll, now));
        }
    }

    private void goOn(KeyState state, long now) {
        if (state.successor != null) {
            takeover.adopt(state, now);
            recovery.publish();
        } else if (state.events.isEmpty()) {
            table.remove(state);
        } else {
            ready(state);
        }
    }

    /** The head is to be attempted: here, or where parked heads are. */
    @Override
    public void ready(KeyState state) {
        if (state.parked != null) {
            parked.due(state);
        } else {
            batches.add(state);
        }
    }

    /** The head left memory: what queues behind it follows, unless the head was parked under another name. */
    @Override
    public void parked(KeyState state, long now) {
        table.dequeued(1);
        if (state.parked != null) {
            table.dequeued(parked.append(state));
        } else {
            state.resetHead();
            goOn(state, now);
        }
    }

    /**
     * Lets go of what waits for partitions that are gone, so that its memory and its key are free; events in the ring are
     * let go when they are taken.
     */
    void dropFenced(long now) {
        var headless = table.dropFenced();
        for (var state : headless) {
            batches.remove(state);
            state.resetHead();
        }
        table.forEach(recovery::note);
        headless.forEach(state -> goOn(state, now));
        recovery.publish();
    }
}
