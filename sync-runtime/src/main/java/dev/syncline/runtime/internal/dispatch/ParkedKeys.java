package dev.syncline.runtime.internal.dispatch;

import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.dispatch.KeyState.Status;
import dev.syncline.runtime.internal.dispatch.Parking.End;
import dev.syncline.runtime.internal.dispatch.Parking.Failure;
import dev.syncline.runtime.internal.dispatch.Parking.Parked;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.envelope.LogText;
import dev.syncline.runtime.internal.log.LogAwayException;
import dev.syncline.runtime.internal.settle.InFlight;
import dev.syncline.runtime.internal.turns.Crew;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parked keys of a lane: their events leave memory for the durable store, are settled once they are safe there, and
 * are attempted from there, head by head, until the key is empty (S10, S11).
 *
 * <pre>
 *   attempts in place spent ─► park ─► force ─► settled          further events of the key ─► append ─► force ─► settled
 *
 *   due ─► begin (partition ours?) ─► attempt elsewhere ─► done: close, next head ─► … ─► empty: the key is idle again
 *                                                      └─► failed: later, or dead: the key waits for a person
 * </pre>
 *
 * <p>Since all of it happens on the lane's thread, but for the wait while the store forces, a live event of a key either
 * finds it parked and goes behind, or finds it empty and goes on: none slips between (S12).
 *
 * <p>When the disk refuses: what could not be parked stays in memory, unsettled, its key blocked, and is tried again; so
 * it holds back its partition rather than be lost (input 63).
 */
final class ParkedKeys {

    private static final Logger LOG = LoggerFactory.getLogger(ParkedKeys.class);

    /** Before the disk is asked again after it refused. */
    static final long DISK_PAUSE = TimeUnit.SECONDS.toNanos(1);

    private final String handler;
    private final Parking parking;
    private final IntPredicate shards;
    private final Owned owned;
    private final Crew forcer;
    private final int mostAttempts;
    private final List<InFlight> unforced = new ArrayList<>();
    private List<InFlight> forcing = List.of();
    private final ArrayDeque<KeyState> due = new ArrayDeque<>();
    private final List<KeyState> suspended = new ArrayList<>();
    private final List<KeyState> unread = new ArrayList<>();
    private long nextForce;
    private long nextRead;
    private int running;
    private boolean isInDoubt;
    private volatile @Nullable String problem;

    /**
     * Begins with nothing parked.
     *
     * @param shards of the lane
     * @param forcer where it waits for the store to force, so that other keys do not (S10)
     * @param mostAttempts how many heads may be attempted at once
     */
    ParkedKeys(String handler, Parking parking, IntPredicate shards, Owned owned, Crew forcer, int mostAttempts) {
        this.handler = handler;
        this.parking = parking;
        this.shards = shards;
        this.isInDoubt = parking.isInDoubt();
        this.owned = owned;
        this.forcer = forcer;
        this.mostAttempts = mostAttempts;
    }

    // --- in

    /**
     * Parks a key whose head failed, with all that waits behind it. What the disk refuses stays behind in memory.
     *
     * @return whether the head is parked; if not, nothing is. If it was parked before under another name, the key is not
     */
    boolean park(KeyState state, Failure failure) {
        var head = state.head();
        if (!head.begin()) {
            return false; // its partition is gone, it is let go with the others of it
        }
        try {
            var parked = parking.park(head.envelope(), failure);
            if (parked.key().equals(state.key)) {
                state.parked = parked;
                state.status = Status.PARKED;
            }
        } catch (OutboxException refused) {
            head.end();
            refused("park", refused);
            return false;
        }
        state.events.remove();
        unforced.add(head);
        return true;
    }

    /** Parks what waits in memory behind a parked head, in order, as far as the disk takes it; returns how many. */
    int append(KeyState state) {
        int appended = 0;
        for (InFlight event; (event = state.events.peek()) != null; appended++) {
            if (event.begin()) {
                try {
                    appendOrSettle(state, event);
                } catch (OutboxException refused) {
                    event.end();
                    refused("park", refused);
                    return appended;
                }
            } else {
                event.drop();
            }
            state.events.remove();
        }
        return appended;
    }

    private void appendOrSettle(KeyState state, InFlight event) {
        var parked = state.required();
        if (!parking.contains(parked, event.envelope())) {
            boolean wasDead = parked.failure().isDead();
            parking.append(parked, event.envelope());
            if (wasDead && !parked.failure().isDead()) {
                due(state); // it was the lost head that came again
            }
        }
        unforced.add(event);
    }

    /**
     * Has what was parked since forced, by another thread; what comes meanwhile is for the next time. When it is, all of it
     * is settled.
     *
     * @param mailbox by which the lane is told
     * @return how many events that is
     */
    int force(long now, Mailbox mailbox) {
        readAgain(now);
        if (unforced.isEmpty() || !forcing.isEmpty() || now - nextForce < 0) {
            return 0;
        }
        forcing = List.copyOf(unforced);
        unforced.clear();
        try {
            forcer.execute(() -> {
                var refused = tryForce();
                mailbox.post(then -> forced(refused, then));
            });
        } catch (RejectedExecutionException ended) {
            notForced(now); // the handler stops: it comes again, and finds itself parked
        }
        return forcing.size();
    }

    /** Why it could not, null if it could. Not on the lane's thread. */
    private @Nullable OutboxException tryForce() {
        try {
            parking.force();
            return null;
        } catch (OutboxException refused) {
            return refused;
        } catch (Throwable unexpected) { // an error, too: the lane would wait for its answer for ever, and say nothing
            return new OutboxException("the park store failed: " + unexpected, unexpected);
        }
    }

    private void forced(@Nullable OutboxException refused, long now) {
        if (refused != null) {
            refused("force", refused);
            notForced(now);
            return;
        }
        for (var event : forcing) {
            if (parking.isForced(event.envelope())) {
                event.settle();
            } else {
                event.drop(); // its partition went to another, it comes there again
            }
            event.end();
        }
        forcing = List.of();
        problem = null;
        nextForce = now;
    }

    private void notForced(long now) {
        unforced.addAll(0, forcing);
        forcing = List.of();
        nextForce = now + DISK_PAUSE;
    }

    /** Whether what was parked is being forced, or about to be: not while the disk refuses. */
    boolean isForcing(long now) {
        return !forcing.isEmpty() || (!unforced.isEmpty() && now - nextForce >= 0);
    }

    // --- what the disk may have lost

    /** Whether what comes next tells what is parked: then {@link #arrives} is to be asked before an event is filed. */
    boolean isInDoubt() {
        return isInDoubt;
    }

    /** Partitions came: keys of which more is parked than was known. */
    List<Parked> confirmed() {
        if (!isInDoubt) {
            return List.of();
        }
        var confirmed = parking.confirmed(shards);
        isInDoubt = parking.isInDoubt();
        return confirmed;
    }

    /** An event comes; its key if that tells that older ones of it are parked, else null. */
    @Nullable
    Parked arrives(Envelope event) {
        var parked = parking.arrives(event);
        isInDoubt = parking.isInDoubt();
        return parked;
    }

    // --- attempts

    /** The head is to be attempted as soon as one may. */
    void due(KeyState state) {
        state.status = Status.PARKED;
        due.add(state);
    }

    /** Partitions came: heads that waited for theirs may begin. */
    void onAssigned() {
        due.addAll(suspended);
        suspended.clear();
    }

    /** How many heads are due, whether or not more may run. */
    int due() {
        return due.size();
    }

    /** Heads that could not be read, since their log was away, are due again after a pause. */
    private void readAgain(long now) {
        if (unread.isEmpty()) {
            nextRead = now + DISK_PAUSE;
        } else if (now - nextRead >= 0) {
            due.addAll(unread);
            unread.clear();
        }
    }

    /** The head waits until partitions come. */
    void suspend(KeyState state) {
        state.status = Status.PARKED;
        suspended.add(state);
    }

    /** The key is not parked here any more: its partition went, and its queue with it. */
    void forget(KeyState state) {
        due.remove(state);
        suspended.remove(state);
        unread.remove(state);
        state.parked = null;
    }

    boolean hasDue() {
        return !due.isEmpty() && running < mostAttempts;
    }

    /**
     * Begins with the next head that may; null if none may. Its attempt ends with {@link #ended}; for one that is lost
     * none is made.
     */
    @Nullable
    Begun begin() {
        while (hasDue()) {
            var state = due.remove();
            @Nullable Envelope envelope;
            try {
                envelope = parking.head(state.required());
            } catch (LogAwayException away) {
                refused("read", away);
                unread.add(state);
                continue;
            } catch (OutboxException unreadable) {
                refused("read", unreadable);
                suspended.add(state); // until the next assignment or start: an attempt on a failing disk gains nothing
                continue;
            }
            if (envelope == null) {
                return new Begun(state, null);
            }
            var fence = owned.begin(envelope.received().partition());
            if (fence == null) {
                suspended.add(state);
                continue;
            }
            state.fence = fence;
            state.status = Status.BUSY;
            running++;
            return new Begun(state, envelope);
        }
        return null;
    }

    /** The attempt at a head does not end: it makes room for another one. Its end still comes. */
    void leftBehind(KeyState state) {
        state.isLeftBehind = true;
        running--;
    }

    /** The attempt at a head that began is over, whatever came of it. */
    void ended(KeyState state) {
        if (!state.isLeftBehind) {
            running--;
        }
        state.isLeftBehind = false;
        state.status = Status.PARKED;
        var fence = state.fence;
        state.fence = null;
        if (fence != null) {
            fence.end();
        }
    }

    /** The head failed again; tells whether the disk has noted it. */
    boolean failed(KeyState state, Failure failure) {
        try {
            parking.failed(state.required(), failure);
            return true;
        } catch (OutboxException refused) {
            refused("note", refused); // after a restart it has an attempt more
            return false;
        }
    }

    /** The head is lost; tells whether the disk has noted it. */
    boolean lost(KeyState state) {
        try {
            parking.lost(state.required());
            return true;
        } catch (OutboxException refused) {
            refused("note", refused);
            return false;
        }
    }

    /** The head is done with. What it leaves: {@link Left#HEAD} if the disk refuses to note it. */
    Left close(KeyState state, End end) {
        try {
            if (parking.close(state.required(), end)) {
                return Left.NEXT;
            }
        } catch (OutboxException refused) {
            refused("close", refused);
            return Left.HEAD;
        }
        return gone(state);
    }

    /** What is left of a key whose head was closed. */
    enum Left {
        /** The head itself: to be closed again, or attempted once more where nobody remembers that it is done. */
        HEAD,
        /** Another head. */
        NEXT,
        /** Nothing; the key is parked no more. */
        NOTHING
    }

    // --- commands of people

    /** Hands a dead head in again. */
    boolean redrive(KeyState state, long letter) {
        if (!parking.isDeadHead(state.required(), letter)) {
            return false;
        }
        parking.redrive(state.required());
        return true;
    }

    /** Gives a dead head up; null if it is none. */
    @Nullable
    Left skip(KeyState state, long letter, String who, String why) {
        if (!parking.isDeadHead(state.required(), letter)) {
            return null;
        }
        return parking.skip(state.required(), who, why) ? Left.NEXT : gone(state);
    }

    /** Gives a dead head up with all behind it; 0 if it is none. */
    int drop(KeyState state, long letter, String who, String why) {
        if (!parking.isDeadHead(state.required(), letter)) {
            return 0;
        }
        int dropped = parking.drop(state.required(), who, why);
        gone(state);
        return dropped;
    }

    private static Left gone(KeyState state) {
        state.parked = null;
        return Left.NOTHING;
    }

    /** Why the disk takes nothing, empty if it does. Any thread. */
    @Nullable
    String problem() {
        return problem;
    }

    private void refused(String what, OutboxException refused) {
        var text = "cannot " + what + " parked events: " + LogText.of(String.valueOf(refused.getMessage()));
        if (refused instanceof LogAwayException) {
            LOG.debug("{}: {}", handler, text); // who calls the log has said that it is away
        } else if (!text.equals(problem)) {
            LOG.error("{}: {}; they stay in memory and hold back their partitions", handler, text, refused);
        }
        problem = text;
    }

    /**
     * A head whose attempt may be made.
     *
     * @param envelope null if it is lost
     */
    record Begun(KeyState state, @Nullable Envelope envelope) {}
}
