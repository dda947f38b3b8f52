package dev.syncline.runtime.internal.dispatch;

import dev.syncline.runtime.Health.BlockedKey;
import dev.syncline.runtime.internal.dispatch.KeyState.Status;
import dev.syncline.runtime.internal.dispatch.KeyState.Timer;
import dev.syncline.runtime.internal.dispatch.Parking.Failure;
import dev.syncline.runtime.internal.envelope.LogText;
import dev.syncline.runtime.internal.handling.Verdict;
import dev.syncline.runtime.internal.settle.InFlight;
import java.time.Duration;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of the keys of a lane whose head failed: held for attempts in place, then blocked, visibly, for later
 * ones or for a person. It owns the lane's timers and what others see of its blocked keys.
 *
 * <p>Threading: the lane's thread, except {@link #blockedKeys} and {@link #blockedEvents}.
 */
final class Recovery {

    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    /** A hold spends no attempt, so one that is over at once would be asked again and again without end. */
    private static final long LEAST_HOLD = TimeUnit.MILLISECONDS.toNanos(100);

    private final String handler;
    private final Backoff backoff;
    private final HandlerPause pause;
    private final Keys keys;
    private final Listener lane;
    private final ParkedKeys parkedKeys;
    private final PriorityQueue<Timer> timers = new PriorityQueue<>();
    private final BlockedKeys blocked = new BlockedKeys();

    /**
     * Begins without any key in trouble.
     *
     * @param parkedKeys where keys go whose attempts in place are spent
     */
    Recovery(String handler, Backoff backoff, HandlerPause pause, Keys keys, Listener lane, ParkedKeys parkedKeys) {
        this.handler = handler;
        this.backoff = backoff;
        this.pause = pause;
        this.keys = keys;
        this.lane = lane;
        this.parkedKeys = parkedKeys;
    }

    /** Told what becomes of keys. */
    interface Listener {

        /** Its head is to be attempted again. */
        void ready(KeyState state);

        /** Its head was parked. */
        void parked(KeyState state, long now);
    }

    /** Whether the attempt with that count, from 1, is the last one in place. */
    boolean isLastInPlace(int attempt) {
        return backoff.isLastInPlace(attempt);
    }

    /** The head of a key failed, was refused, or met a target that is away. */
    void failed(KeyState state, Verdict verdict, long now) {
        state.half = null;
        if (verdict instanceof Verdict.Failed failed) {
            failed(state, failed, now);
        } else if (verdict instanceof Verdict.Held held) {
            hold(state, away(held, now), now);
        } else if (verdict instanceof Verdict.Rejected rejected) {
            state.failures++;
            block(state, Backoff.NEVER, now, rejected.code(), rejected.detail(), rejected.cause());
        } else {
            throw new AssertionError(verdict);
        }
    }

    private void failed(KeyState state, Verdict.Failed failed, long now) {
        state.failures++;
        long wait = pauseAfter(failed, state.failures);
        if (backoff.isLastInPlace(state.failures) || backoff.isLong(wait)) {
            block(state, wait, now, failed.code(), failed.detail(), failed.cause());
            return;
        }
        LOG.debug(
                "{}: attempt {} at {} failed ({}), again in {} ms",
                handler,
                state.failures,
                state.head().envelope(),
                failed.code(),
                wait / 1_000_000);
        hold(state, wait, now);
    }

    private long away(Verdict.Held held, long now) {
        long wait = backoff.lengthen(Math.max(LEAST_HOLD, clampedNanos(held.pause())));
        if (pause.extend(now, wait)) {
            LOG.warn(
                    "{}: target is away ({}), intake pauses for {} ms, no attempt is spent",
                    handler,
                    LogText.of(held.detail()),
                    wait / 1_000_000);
        }
        return wait;
    }

    private long pauseAfter(Verdict.Failed failed, int failures) {
        long wait = backoff.afterFailures(failures);
        return failed.after() == null || wait == Backoff.NEVER ? wait : Math.max(wait, clampedNanos(failed.after()));
    }

    private void hold(KeyState state, long wait, long now) {
        state.status = Status.HELD;
        schedule(state, wait, now);
    }

    private void block(KeyState state, long wait, long now, String code, String reason, @Nullable Throwable cause) {
        boolean isNew = state.code.isEmpty();
        state.status = Status.BLOCKED;
        state.code = code;
        state.reason = LogText.of(reason);
        var event = state.head().envelope().toString();
        int attempts = state.failures;
        park(state, new Failure(attempts, code, state.reason, wait), now);
        publish(state);
        tell(isNew, event, wait, code, LogText.of(reason), cause, attempts);
    }

    private void park(KeyState state, Failure failure, long now) {
        schedule(state, failure.dueInNanos(), now);
        if (parkedKeys.park(state, failure)) {
            state.failures = 0;
            state.code = "";
            state.reason = "";
            state.unparked = null;
            lane.parked(state, now);
        } else if (failure.isDead()) {
            // no attempt will bring it here again
            state.unparked = failure;
            schedule(state, ParkedKeys.DISK_PAUSE, now);
        }
    }

    /** The parked head failed, was refused, or met a target that is away. */
    void parkedFailed(KeyState state, Verdict verdict, String event, long now) {
        var parked = state.required();
        int attempts = parked.failure().attempts();
        if (verdict instanceof Verdict.Held held) {
            away(held, now);
            lane.ready(state); // it begins when the pause is over
            return;
        }
        Failure failure;
        Throwable cause;
        if (verdict instanceof Verdict.Failed failed) {
            long wait = pauseAfter(failed, attempts + 1);
            failure = new Failure(attempts + 1, failed.code(), LogText.of(failed.detail()), wait);
            cause = failed.cause();
        } else if (verdict instanceof Verdict.Rejected rejected) {
            failure = new Failure(attempts + 1, rejected.code(), LogText.of(rejected.detail()), Backoff.NEVER);
            cause = rejected.cause();
        } else {
            throw new AssertionError(verdict);
        }
        boolean isNoted = parkedKeys.failed(state, failure);
        // what is not known to be dead cannot be handed in again: another attempt will have to say it once more
        schedule(state, isNoted || !failure.isDead() ? failure.dueInNanos() : ParkedKeys.DISK_PAUSE, now);
        publish(state);
        tell(attempts == 0, event, failure.dueInNanos(), failure.code(), failure.detail(), cause, failure.attempts());
    }

    /** The disk has lost the parked head: what follows waits until a person gives it up. */
    void parkedLost(KeyState state, long now) {
        var event = state.required().headText();
        boolean isNoted = parkedKeys.lost(state);
        schedule(state, isNoted ? Backoff.NEVER : ParkedKeys.DISK_PAUSE, now);
        publish(state);
        var failure = state.required().failure();
        tell(false, event, failure.dueInNanos(), failure.code(), failure.detail(), null, failure.attempts());
    }

    private void tell(
            boolean isNew,
            String event,
            long wait,
            String code,
            String reason,
            @Nullable Throwable cause,
            int attempts) {
        var next = wait == Backoff.NEVER
                ? "no further attempt by itself"
                : "next attempt in " + Duration.ofNanos(wait).toMillis() + " ms";
        if (isNew || wait == Backoff.NEVER) {
            LOG.error(
                    "{}: {} could not be handled after {} attempts ({}: {}); its key waits, others go on; {}",
                    handler,
                    event,
                    attempts,
                    code,
                    reason,
                    next,
                    LogText.printable(cause));
        } else {
            LOG.warn("{}: {} failed again ({}: {}), {}", handler, event, code, reason, next);
        }
    }

    /** The head is settled or let go next; what follows it is new. */
    InFlight removeHead(KeyState state) {
        boolean wasVisible = state.isVisible();
        var head = keys.removeHead(state);
        if (wasVisible) {
            publish(state);
        }
        return head;
    }

    /** Makes the key ready after so long; not at all by itself after {@link Backoff#NEVER}. */
    void schedule(KeyState state, long wait, long now) {
        if (wait == Backoff.NEVER) {
            state.dueNanos = Long.MAX_VALUE;
            state.timer = null;
            return;
        }
        state.dueNanos = now + wait;
        state.timer = new Timer(state.dueNanos, state);
        timers.add(state.timer);
    }

    /** Makes ready what is due; returns how much it looked at. */
    int due(long now) {
        int work = 0;
        for (Timer timer; (timer = timers.peek()) != null && timer.dueNanos - now <= 0; work++) {
            timers.remove();
            if (timer.isCurrent()) {
                timer.key.timer = null;
                goOn(timer.key, now);
            }
        }
        return work;
    }

    private void goOn(KeyState state, long now) {
        var unparked = state.unparked;
        if (unparked == null) {
            lane.ready(state);
        } else {
            park(state, unparked, now);
            publish(state);
        }
    }

    /** When {@link #due} has something to do; {@link Long#MAX_VALUE} if never. */
    long nextDueNanos() {
        var next = timers.peek();
        return next == null ? Long.MAX_VALUE : next.dueNanos;
    }

    /** An event has come to a key that is not idle: it waits behind the head, or went where that is. */
    void queuedBehind(KeyState state) {
        if (state.isVisible()) {
            note(state);
        }
    }

    /** A key is blocked, or no more, or other events wait in it: {@link #publish()} shows it. */
    void note(KeyState state) {
        blocked.note(state);
    }

    /** The keys that wait for a later attempt or a person. Any thread. */
    List<BlockedKey> blockedKeys() {
        return blocked.shown();
    }

    /** Events of these keys. Any thread. */
    int blockedEvents() {
        return blocked.events();
    }

    /** Shows anew how it stands with a key, which may have left the table. */
    void publish(KeyState state) {
        note(state);
        publish();
    }

    /** Shows what was {@linkplain #note noted}. */
    void publish() {
        blocked.show();
    }

    private static long clampedNanos(Duration pause) {
        if (pause.isNegative()) {
            return 0;
        }
        return pause.compareTo(Duration.ofDays(1)) > 0 ? Duration.ofDays(1).toNanos() : pause.toNanos();
    }
}
