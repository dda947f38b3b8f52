package dev.syncline.runtime.internal.dispatch;

import dev.syncline.runtime.internal.handling.Attempt;
import dev.syncline.runtime.internal.handling.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The attempts that a lane makes on its own thread, one at a time: each ends during its call, or later, from wherever its
 * handler answers, and then the lane waits for it; or it hangs, and the lane goes on without it, its keys BUSY (L8).
 *
 * <p>Threading: the lane's thread, except {@link #onComplete}, {@link #onLeftBehind} and {@link #leaveBehindSoon}.
 */
final class InPlace {

    private final boolean isIdempotent;
    private final Keys keys;
    private final Gate gate;
    private final HandlerCall call;
    private final LaneWatch watch;
    private final LaneSignal signal;
    private final Mailbox mailbox;
    private final Listener listener;

    /** The attempt that goes on after its call, and that the lane waits for. */
    private @Nullable Attempt pending;

    /**
     * Begins free.
     *
     * @param isIdempotent whether a list that fails as one is halved
     */
    InPlace(
            boolean isIdempotent,
            Keys keys,
            Gate gate,
            HandlerCall call,
            LaneWatch watch,
            LaneSignal signal,
            Mailbox mailbox,
            Listener listener) {
        this.isIdempotent = isIdempotent;
        this.keys = keys;
        this.gate = gate;
        this.call = call;
        this.watch = watch;
        this.signal = signal;
        this.mailbox = mailbox;
        this.listener = listener;
    }

    /** Told the ends of attempts that did not end during their calls. */
    interface Listener {

        /** It has ended so; the keys are those of its events, in their order. */
        void onEnd(Attempt attempt, List<KeyState> keys, List<Verdict> verdicts, long now);
    }

    /** A lane works on one attempt at a time: concurrency is the number of lanes. */
    boolean isFree() {
        return pending == null;
    }

    /**
     * Makes an attempt.
     *
     * @return how it ended; null if it goes on after the call, and the listener will hear of it
     * @throws LeftBehind if the lane has gone on with another thread meanwhile
     */
    @Nullable
    List<Verdict> run(LaneAttempt attempt, long now) {
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
            tellGate(attempt, verdicts, now);
        }
        return verdicts;
    }

    /** The end of an attempt: on the lane's thread during the call, or from anywhere, any time later. */
    void onComplete(Attempt attempt, List<Verdict> verdicts) {
        var ours = (LaneAttempt) attempt;
        if (!attempt.isLeftBehind() && signal.isLaneThread() && ours.isInline) {
            ours.verdicts = verdicts;
        } else {
            mailbox.post(now -> completed(attempt, verdicts, now));
        }
    }

    private void completed(Attempt attempt, List<Verdict> verdicts, long now) {
        tellGate(attempt, verdicts, now);
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
        listener.onEnd(attempt, batch, verdicts, now);
    }

    @SuppressWarnings("ReferenceEquality") // this very attempt
    private boolean isPending(Attempt attempt) {
        return pending == attempt;
    }

    /** A batch that failed as one and is halved says nothing yet: its halves do. */
    private void tellGate(Attempt attempt, List<Verdict> verdicts, long now) {
        boolean isHalved = isIdempotent
                && attempt.failureOfAll() != null
                && attempt.events().size() > 1;
        if (!isHalved) {
            gate.ended(attempt.events(), verdicts, now);
        }
    }

    /**
     * The attempt that runs in its call keeps the lane's thread: its keys stay BUSY until its end comes by the mailbox, and
     * the lane goes on with another thread, which is started after this. The thread that watches, while no thread has
     * the lane.
     */
    void onLeftBehind(Attempt attempt) {
        watch.end();
        gate.leftBehind(attempt.events());
        var alone = ((LaneAttempt) attempt).alone;
        if (alone != null) {
            keys.queue(alone).status = KeyState.Status.BUSY;
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
}
