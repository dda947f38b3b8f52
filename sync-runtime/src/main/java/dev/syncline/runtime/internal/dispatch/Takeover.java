package dev.syncline.runtime.internal.dispatch;

import dev.syncline.runtime.internal.dispatch.KeyState.Status;
import dev.syncline.runtime.internal.dispatch.Parking.Parked;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/**
 * What comes and goes with partitions, where parked keys are kept by all instances: takes up the keys of a partition before
 * its first event is handed on, so that none slips past them (S12), and lets go of them when it goes. A head that runs then
 * runs to its end; its key is busy until it has, also if the partition is back before (S8).
 *
 * <p>Threading: the lane's thread, except {@link #takeUp} and {@link #letGo}.
 */
final class Takeover {

    private final Keys keys;
    private final Batches batches;
    private final ParkedKeys parkedKeys;
    private final Recovery recovery;
    private final Recovery.Listener lane;
    private final Mailbox mailbox;

    Takeover(
            Keys keys,
            Batches batches,
            ParkedKeys parkedKeys,
            Recovery recovery,
            Recovery.Listener lane,
            Mailbox mailbox) {
        this.keys = keys;
        this.batches = batches;
        this.parkedKeys = parkedKeys;
        this.recovery = recovery;
        this.lane = lane;
        this.mailbox = mailbox;
    }

    /** Makes the lane know of keys that are parked; completes when it does. Any thread. */
    CompletableFuture<Boolean> takeUp(List<Parked> parked) {
        var known = new CompletableFuture<Boolean>();
        mailbox.post(now -> {
            parked.forEach(one -> takeUp(one, now));
            recovery.publish();
            known.complete(true);
        });
        return known;
    }

    /** More of a key is parked than was known; where the key is parked anyhow its queue has grown. Lane's thread. */
    void known(Parked parked, long now) {
        var state = keys.find(parked.topic(), parked.key());
        if (state == null || state.parked == null) {
            takeUp(parked, now);
        }
    }

    private void takeUp(Parked parked, long now) {
        var before = keys.find(parked.topic(), parked.key());
        var state = before == null ? keys.add(parked.topic(), parked.key()) : before;
        state.successor = parked;
        if (state.status != Status.BUSY) {
            adopt(state, now);
        }
    }

    /** What came back is the key's queue, and what waits in memory goes behind it. */
    void adopt(KeyState state, long now) {
        batches.remove(state);
        parkedKeys.forget(state);
        state.resetHead();
        state.isLetGo = false;
        state.parked = state.successor;
        state.successor = null;
        state.status = Status.PARKED;
        keys.dequeued(parkedKeys.append(state));
        recovery.schedule(state, state.required().failure().dueInNanos(), now);
        recovery.note(state);
    }

    /** Lets go of the parked keys of which that holds: their partition is gone. Any thread. */
    void letGo(Predicate<Parked> which) {
        mailbox.post(now -> {
            var gone = new ArrayList<KeyState>();
            keys.forEach(state -> {
                if (state.successor != null && which.test(state.successor)) {
                    state.successor = null;
                }
                if (state.parked != null && which.test(state.parked)) {
                    gone.add(state);
                }
            });
            gone.forEach(this::letGo);
            recovery.publish();
        });
    }

    private void letGo(KeyState state) {
        if (state.status == Status.BUSY) {
            state.isLetGo = true;
            return;
        }
        parkedKeys.forget(state);
        state.resetHead();
        state.isLetGo = false;
        if (state.events.isEmpty()) {
            keys.remove(state);
        } else {
            lane.ready(state);
        }
        recovery.note(state);
    }

    /** An attempt at a parked head has ended: whether its queue went meanwhile, so that nothing is left to be done to it. */
    boolean isOver(KeyState state, long now) {
        if (!state.isLetGo && state.successor == null) {
            return false;
        }
        parkedKeys.ended(state);
        if (state.successor == null) {
            letGo(state);
        } else {
            adopt(state, now);
        }
        recovery.publish();
        return true;
    }
}
