package dev.syncline.runtime.internal.dispatch;

import dev.syncline.runtime.internal.dispatch.Breaker.End;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.handling.Verdict;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A lane's way to the gate of its handler: asked before each attempt, told the end of each. What goes well while nothing
 * is wrong costs the lane an addition that no other thread writes to.
 *
 * <p>Threading: the lane's thread.
 */
final class Gate {

    /** Refused by the handler or its target, or a mistake of the producer: that says nothing about this deploy. */
    private static final Set<String> READABLE = Set.of("rejected", "reject.on", "id.conflict");

    private final HandlerGate handler;
    private final Tally tally;

    Gate(HandlerGate handler, Tally tally) {
        this.handler = handler;
        this.tally = tally;
    }

    /** Whether no attempt may begin just now. */
    boolean isShut(long now) {
        return handler.isShut(now);
    }

    /** Whether an attempt is made at one event only, to see whether the target is back. */
    boolean isOneOnly() {
        return !handler.isClosed();
    }

    /** When more may begin than now if nothing else happens; {@link Long#MAX_VALUE} if that is not known. */
    long nextNanos(long now) {
        return handler.nextNanos(now);
    }

    /** Whether keys that may not begin now may in a moment, {@link #nextNanos}, with nothing else happening. */
    boolean isPuttingOff(long now) {
        return !handler.isClosed() && !handler.isShut(now) && handler.nextNanos(now) != Long.MAX_VALUE;
    }

    /** Whether the attempt at the event may begin. After a yes it does, and its end is told. */
    boolean mayBegin(Envelope event, long now) {
        return handler.isClosed() || handler.mayBegin(name(event), now);
    }

    /** An attempt that began has ended so. */
    void ended(List<Envelope> events, List<Verdict> verdicts, long now) {
        int done = 0;
        boolean isAnyFailed = false;
        for (int i = 0; i < events.size(); i++) {
            var verdict = verdicts.get(i);
            if (verdict instanceof Verdict.Done) {
                done++;
            } else if (verdict instanceof Verdict.Failed) {
                isAnyFailed = true;
            } else if (verdict instanceof Verdict.Rejected rejected && !READABLE.contains(rejected.code())) {
                handler.unreadable(name(events.get(i)), rejected.code());
            }
        }
        if (done > 0) {
            tally.add(done, now);
        }
        if (isAnyFailed || !handler.isClosed()) {
            // a target that took one event of a list is there
            handler.ended(names(events), done > 0 ? End.WELL : isAnyFailed ? End.FAILED : End.NEUTRAL);
        }
    }

    /** An attempt hangs and nobody waits for it: the target does not answer, and a probe that hangs must not be the last. */
    void leftBehind(List<Envelope> events) {
        handler.ended(names(events), End.FAILED);
    }

    private static Set<String> names(List<Envelope> events) {
        var names = new HashSet<String>();
        events.forEach(event -> names.add(name(event)));
        return names;
    }

    private static String name(Envelope event) {
        return event.received().partition().topic() + Keys.NO_KEY + Keys.name(event);
    }
}
