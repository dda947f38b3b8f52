package dev.syncline.runtime.internal.dispatch;

import dev.syncline.runtime.internal.dispatch.Applied.Answer;
import dev.syncline.runtime.internal.handling.Handling;
import dev.syncline.runtime.internal.settle.InFlight;

/**
 * What a lane does with an event that comes from its ring: one of an idle key is attempted at once, without touching the
 * table of keys, which is the common way; any other goes behind those of its key.
 *
 * <p>Threading: the lane's thread.
 */
final class Arrivals {

    private final Handling handling;
    private final Admission admission;
    private final Gate gate;
    private final LaneKeys keys;
    private final InPlace inPlace;

    Arrivals(Handling handling, Admission admission, Gate gate, LaneKeys keys, InPlace inPlace) {
        this.handling = handling;
        this.admission = admission;
        this.gate = gate;
        this.keys = keys;
        this.inPlace = inPlace;
    }

    void accept(InFlight event, long now) {
        var envelope = event.envelope();
        if (keys.parked.isInDoubt()) {
            keys.arrives(envelope, now);
        }
        var state = keys.table.find(envelope);
        if (state == null) {
            int route = handling.route(envelope);
            if (route == Handling.UNHANDLED || handling.batchSize(route) == 1) {
                handleAlone(event, route, now);
            } else {
                keys.batches.add(keys.table.queue(event));
            }
            return;
        }
        keys.table.queue(state, event);
        if (state.parked != null) {
            keys.table.dequeued(keys.parked.append(state));
        }
        keys.recovery.queuedBehind(state);
    }

    private void handleAlone(InFlight event, int route, long now) {
        if (!event.begin()) {
            event.drop();
            return;
        }
        var envelope = event.envelope();
        var kind = admission.kind(envelope);
        var answer = admission.ask(envelope, route, kind);
        if (Admission.isRefusal(answer)) {
            event.end();
            keys.recovery.failed(keys.table.queue(event), Admission.refusal(answer, envelope), now);
            return;
        }
        if (answer != Answer.APPLY) {
            Batches.settle(event, answer != Answer.GONE);
            event.end();
            return;
        }
        if (!gate.mayBegin(envelope, now)) {
            event.end();
            keys.batches.add(keys.table.queue(event));
            return;
        }
        var verdicts = inPlace.run(keys.batches.alone(route, event), now);
        if (verdicts == null) {
            keys.table.queue(event).status = KeyState.Status.BUSY; // until it ends elsewhere
            return;
        }
        var verdict = verdicts.get(0);
        if (Admission.isSettling(verdict)) {
            // before the end: who waits for the end acknowledges what is settled
            Batches.settle(event, admission.note(envelope, verdict, kind));
            event.end();
        } else {
            event.end();
            if (event.isFenced()) {
                event.drop(); // its partition is gone, it comes again
            } else {
                keys.recovery.failed(keys.table.queue(event), verdict, now);
            }
        }
    }
}
