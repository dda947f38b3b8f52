package dev.syncline.runtime.internal.dispatch;

import dev.syncline.api.Delivery;
import dev.syncline.runtime.internal.dispatch.Applied.Answer;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.handling.Attempt;
import dev.syncline.runtime.internal.handling.Handling;
import dev.syncline.runtime.internal.settle.InFlight;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The ready keys of a lane, and which of their heads go into one attempt: the first one and, where its method takes a
 * list, those that fit beside it. A batch holds a key at most once, mixes no modes, and never waits to fill.
 *
 * <p>A batch that failed as one is halved, and the halves again, until what fails stands alone: one of n is found in
 * about 2 log n attempts, and nobody else has spent one. If all fail, that is not quite 2 n, twice what a method costs
 * that takes one event. Lane's thread.
 */
final class Batches {

    private final String handler;
    private final Handling handling;
    private final Admission admission;
    private final Gate gate;
    private final Recovery recovery;
    private final Keys keys;
    private final Attempt.Listener listener;
    private final ArrayDeque<KeyState> ready = new ArrayDeque<>();

    /** @param listener told the ends of the attempts */
    Batches(
            String handler,
            Handling handling,
            Admission admission,
            Gate gate,
            Recovery recovery,
            Keys keys,
            Attempt.Listener listener) {
        this.handler = handler;
        this.handling = handling;
        this.admission = admission;
        this.gate = gate;
        this.recovery = recovery;
        this.keys = keys;
        this.listener = listener;
    }

    /** The head of the key waits for its turn. */
    void add(KeyState state) {
        state.status = KeyState.Status.READY;
        ready.add(state);
    }

    /** The key is idle, if it waited it does no more. */
    void remove(KeyState state) {
        ready.remove(state);
    }

    boolean isEmpty() {
        return ready.isEmpty();
    }

    /** The heads failed together: each half of them is attempted apart from the other, and from all others. */
    void halve(List<KeyState> failed) {
        int middle = failed.size() / 2;
        ready(failed.subList(0, middle), new Half());
        ready(failed.subList(middle, failed.size()), new Half());
    }

    private void ready(List<KeyState> part, Half half) {
        for (var state : part) {
            state.half = half;
            add(state);
        }
    }

    /** Lets the next heads begin; null if no key is ready whose head needs an attempt and may begin. */
    @Nullable
    Batch next(long now) {
        boolean isOneOnly = gate.isOneOnly();
        var first = first(now);
        if (first == null) {
            return null;
        }
        var head = first.head().envelope();
        int route = handling.route(head);
        int size = isOneOnly ? 1 : handling.batchSize(route);
        var batch = new ArrayList<KeyState>(Math.min(size, ready.size() + 1));
        batch.add(first);
        int failures = first.failures;
        for (int left = ready.size(); left > 0 && batch.size() < size; left--) {
            var next = ready.remove();
            if (!fits(next, head, route, failures, first.half)) {
                ready.add(next);
            } else if (beginHead(next, now)) {
                if (fits(next, head, route, failures, first.half)) {
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
            state.status = KeyState.Status.BUSY;
            events.add(state.head());
        }
        return new Batch(batch, attempt(route, events, failures + 1));
    }

    private @Nullable KeyState first(long now) {
        for (int left = ready.size(); left > 0; left--) {
            var state = ready.remove();
            if (beginHead(state, now)) {
                if (gate.mayBegin(state.head().envelope(), now)) {
                    return state;
                }
                state.head().end();
                ready.add(state);
            }
        }
        return null;
    }

    /** Whether the head of a key may go along: a failed one only with its like, so as not to take fresh ones down. */
    private boolean fits(KeyState state, Envelope head, int route, int failures, @Nullable Half half) {
        var candidate = state.head().envelope();
        return handling.route(candidate) == route
                && candidate.mode() == head.mode()
                && Objects.equals(state.half, half)
                && (state.failures == 0) == (failures == 0);
    }

    /**
     * Lets the head of a ready key begin. What its partition's end, or what was applied before, makes needless is let go
     * or settled first.
     *
     * @return whether there is a head to attempt
     */
    private boolean beginHead(KeyState state, long now) {
        while (true) {
            var head = state.head();
            if (!head.begin()) {
                recovery.removeHead(state).drop();
            } else {
                var answer = admission.ask(head.envelope(), handling.route(head.envelope()));
                if (answer == Answer.APPLY) {
                    return true;
                }
                if (Admission.isRefusal(answer)) {
                    head.end();
                    recovery.failed(state, Admission.refusal(answer, head.envelope()), now);
                    return false;
                }
                settle(recovery.removeHead(state), answer != Answer.GONE);
                head.end();
            }
            if (state.events.isEmpty()) {
                keys.remove(state);
                return false;
            }
        }
    }

    /** Ends an event that needs no attempt, or none any more; one whose partition is another's comes there again. */
    static void settle(InFlight event, boolean isOurs) {
        if (isOurs) {
            event.settle();
        } else {
            event.drop();
        }
    }

    /** The first attempt at an event of an idle key. */
    LaneAttempt alone(int route, InFlight event) {
        var envelope = event.envelope();
        return new LaneAttempt(
                route,
                List.of(envelope),
                new Delivery(handler, 1, recovery.isLastInPlace(1), envelope.mode(), envelope.firstSeen()),
                listener,
                event);
    }

    /** @param count which attempt at these events it is, from 1 */
    private LaneAttempt attempt(int route, List<InFlight> events, int count) {
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
        return new LaneAttempt(route, envelopes, delivery, listener, null);
    }

    /** A part of a batch that failed; equal to itself only. */
    static final class Half {}

    /** Keys whose heads have begun, and the attempt at them. */
    record Batch(List<KeyState> keys, LaneAttempt attempt) {}
}
