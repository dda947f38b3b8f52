package dev.syncline.runtime.internal.relay;

import dev.syncline.api.BrokerException;
import dev.syncline.runtime.internal.relay.Flow.State;
import dev.syncline.spi.SendResult;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides what the relay does next. No thread, clock or file inside: production and simulation drive the same object
 * with entries, answers and the time, and do the {@linkplain #steps steps} that it asks for.
 *
 * <p><b>Why the order of a key holds (S7).</b> Say that a key's events are 1, 2, 3, … in the order of the outbox; all of
 * them go to one destination, and within one producer's life to one partition. A producer is handed a destination's
 * entries from a start on without gaps, and what gets through of one partition is the beginning of that, again without a
 * gap, reaching at least as far as what was confirmed (contract of {@code BrokerProducer}). The next producer starts at
 * the destination's lowest entry that is not confirmed: at or before the first of the partition that is not known to
 * have got through. So within a producer's life {@code k + 1} follows {@code k}, and the next life begins at or before
 * the entry after the last that got through: the partition reads {@code 1 2 3 2 3 4}, repeats of a suffix, and never
 * {@code 3} before {@code 2}. It does not matter that the destination has other partitions on which nothing failed:
 * they get repeats, too, of the same form.
 *
 * <p>Two rules make the producers' lives follow one another. A session's new producer is made only after the old one is
 * closed, which ends its sending. And a destination that leaves a session, because it was refused while the others
 * were not, leaves it only when all it sent there is answered. After a crash of the process nobody closes the old
 * producer; what it had given to the network may still arrive. Even then no {@code k + 1} arrives for the first time
 * before {@code k}, since every producer's run begins at or before the end of what is known to have got through.
 *
 * <p>A rewind is one more such start, at an entry that was confirmed before: {@code 1 2 3 4 2 3 4}.
 *
 * <p><b>Who fails alone, stops alone.</b> A refusal of one message parks its key. A refusal of the destination stops it
 * and nothing else. A failure that can
 * pass costs the session its producer, so the others in it repeat what was unanswered; who causes that again while the
 * others are well gets a producer of its own.
 *
 * <p>Threading: one thread.
 */
final class RelayCore {

    private final RelaySettings settings;
    private final Set<String> brokers;
    private final Backoff backoff;
    private final Map<Destination, Flow> flows = new LinkedHashMap<>();
    private final Map<String, Session> shared = new HashMap<>();
    private final List<RelayStep> steps = new ArrayList<>();
    private final long refusedRetryNanos;
    private final long silenceNanos;
    private long nextTimer;
    private boolean isTimerSet;
    private boolean hasAdvanced;

    /**
     * Makes a core without destinations.
     *
     * @param brokers names of the brokers that it may ship to
     */
    RelayCore(RelaySettings settings, Set<String> brokers, Backoff backoff) {
        this.settings = settings;
        this.brokers = Set.copyOf(brokers);
        this.backoff = backoff;
        this.refusedRetryNanos = settings.refusedRetry().toNanos();
        this.silenceNanos = settings.silence().toNanos();
    }

    /** Adds a destination; it takes entries at once, unless its broker is in trouble. */
    Flow add(Destination destination, long nowNanos) {
        var session = shared.computeIfAbsent(destination.broker(), broker -> new Session(broker, true, nowNanos));
        var flow = new Flow(destination, session);
        flow.notBefore = nowNanos;
        if (flows.putIfAbsent(destination, flow) != null) {
            throw new IllegalArgumentException("added already: " + destination);
        }
        session.flows().add(flow);
        if (!brokers.contains(destination.broker())) {
            flow.state = State.STRANDED;
            report(
                    flow,
                    new Problem(
                            Problem.Kind.UNCONFIGURED,
                            "events for " + destination
                                    + " wait in the outbox, but no broker of that name is configured;"
                                    + " configure it again, or give it back its name"));
        } else if (session.isClosing()) {
            flow.state = State.CLOSING;
        } else if (session.notBefore() - nowNanos > 0) {
            await(flow, nowNanos);
        } else {
            start(flow, nowNanos);
        }
        return flow;
    }

    /** The destinations, in the order in which they were added. */
    Collection<Flow> flows() {
        return flows.values();
    }

    /** Whether the destination takes an entry of so many bytes now. If not, a step says when it does again. */
    boolean canTake(Flow flow, int bytes) {
        if (flow.state == State.FLOWING && hasRoom(flow, bytes)) {
            return true;
        }
        flow.isLeftBehind = true;
        return false;
    }

    /** Takes an entry, which is to be sent now; returns the ticket for its answer. */
    long take(Flow flow, long index, long ordinal, long n, int bytes, long nowNanos) {
        if (flow.window.pending() == 0) {
            flow.lastAnswer = nowNanos;
            timer(nowNanos + silenceNanos);
        }
        return flow.window.add(index, ordinal, n, bytes);
    }

    /** How the sending of a ticket ended. Answers of producers that were given up are without effect. */
    void onAnswer(Flow flow, long ticket, SendResult result, long nowNanos) {
        if (!flow.window.isPending(ticket)) {
            return;
        }
        flow.lastAnswer = nowNanos;
        if (result instanceof SendResult.Sent) {
            onSent(flow, ticket);
        } else {
            flow.window.reject(ticket);
            if (flow.state == State.FLOWING) {
                onNotSent(flow, result, nowNanos);
            }
        }
        if (flow.state == State.DRAINING && flow.window.pending() == 0) {
            leaveSession(flow, nowNanos);
        }
    }

    /** The session's producer broke: a call of it threw. */
    void onBroken(Session session, RuntimeException thrown, long nowNanos) {
        if (session.isClosing()) {
            return;
        }
        for (var flow : session.flows()) {
            if (flow.window.pending() > 0 && flow.state == State.FLOWING) {
                fail(flow, "the broker's client failed: " + thrown, nowNanos);
            }
        }
        close(session, nowNanos);
    }

    /** The session's producer is closed and all its answers were handed over. */
    void onClosed(Session session, long nowNanos) {
        session.closed();
        for (var flow : List.copyOf(session.flows())) {
            rewindToLowest(flow);
            if (flow.restartAt == null) {
                well(flow); // the last answers confirmed what it had failed with
            } else if (flow.isToBeAlone) {
                moveToOwnSession(flow, nowNanos);
            }
            await(flow, nowNanos);
        }
    }

    /** Does what is due. Cheap if nothing is. */
    void onTime(long nowNanos) {
        if (!isTimerSet || nextTimer - nowNanos > 0) {
            return;
        }
        isTimerSet = false;
        for (var flow : flows.values()) {
            onTime(flow, nowNanos);
        }
    }

    /** Nanoseconds until {@link #onTime} has something to do; 0 or less if it has now. */
    long nanosToNextTimer(long nowNanos) {
        return isTimerSet ? nextTimer - nowNanos : Long.MAX_VALUE;
    }

    /** Takes what is to be done since the last call, in order. */
    List<RelayStep> steps() {
        if (steps.isEmpty()) {
            return List.of();
        }
        var taken = List.copyOf(steps);
        steps.clear();
        return taken;
    }

    /** Whether a destination's lowest entry that is not confirmed moved up since the last call. */
    boolean hasAdvanced() {
        boolean advanced = hasAdvanced;
        hasAdvanced = false;
        return advanced;
    }

    /**
     * The destination is to go on at an earlier entry, whatever was confirmed since (S26). Its producer goes first, as
     * after a failure: what that has on its way must not arrive among what comes again.
     */
    void rewind(Flow flow, Mark to, long nowNanos) {
        flow.rewindTo = to;
        if (flow.state == State.FLOWING) {
            close(flow.session, nowNanos);
        } else if (flow.state == State.WAITING || flow.state == State.STRANDED) {
            rewindToLowest(flow);
        }
    }

    /**
     * The lowest entry of the destination that was taken and is not confirmed, or is to be shipped again; null if there
     * is none.
     */
    @Nullable
    Mark lowestUnconfirmed(Flow flow) {
        if (flow.rewindTo != null) {
            return flow.rewindTo;
        }
        return flow.window.isEmpty() ? flow.restartAt : flow.window.lowest();
    }

    /** After a failure one message goes ahead alone: the more follow, the more is repeated if it fails again. */
    private boolean hasRoom(Flow flow, int bytes) {
        var window = flow.window;
        if (window.isEmpty()) {
            return true;
        }
        return flow.failures == 0
                && flow.session.failures() == 0
                && window.size() < settings.windowMessages()
                && window.pendingBytes() + bytes <= settings.windowBytes();
    }

    private void onSent(Flow flow, long ticket) {
        int movedUp = flow.window.confirm(ticket);
        if (movedUp > 0) {
            hasAdvanced = true;
            flow.advances++;
            flow.session.advanced();
            if (flow.state == State.FLOWING) {
                well(flow);
            }
        }
        if (flow.isLeftBehind && flow.state == State.FLOWING && isHalfEmpty(flow.window)) {
            flow.isLeftBehind = false;
            steps.add(new RelayStep.Resume(flow));
        }
    }

    private void well(Flow flow) {
        flow.failures = 0;
        flow.isToBeAlone = false;
        report(flow, null);
    }

    /** Asked again for every answer it would be left behind after every entry; half a window is worth a turn. */
    private boolean isHalfEmpty(Window window) {
        return window.size() <= settings.windowMessages() / 2 && window.pendingBytes() <= settings.windowBytes() / 2;
    }

    private void onNotSent(Flow flow, SendResult result, long nowNanos) {
        if (result instanceof SendResult.Failed failed) {
            BrokerException reason = failed.reason();
            if (reason.isAboutMessage()) {
                setAside(flow, nowNanos);
            } else if (reason.isRetryable()) {
                fail(flow, String.valueOf(reason.getMessage()), nowNanos);
            } else {
                refuse(flow, String.valueOf(reason.getMessage()), nowNanos);
            }
        } else {
            fail(flow, "the broker's client gave messages back without sending them", nowNanos);
        }
    }

    private void fail(Flow flow, String why, long nowNanos) {
        flow.failures++;
        flow.notBefore = nowNanos + backoff.nanos(flow.failures);
        // the broker confirmed others' messages since this one failed before, so it is this one that is in trouble
        boolean areOthersWell = flow.othersAdvances() > flow.othersAdvancesAtFailure;
        flow.isToBeAlone |= flow.session.isShared() && flow.failures >= 2 && areOthersWell;
        flow.othersAdvancesAtFailure = flow.othersAdvances();
        report(flow, new Problem(Problem.Kind.AWAY, flow.destination + " is not reached, trying again: " + why));
        close(flow.session, nowNanos);
    }

    /** An entry was put aside durably and counts as shipped. */
    void onParked(Flow flow, long ticket, long nowNanos) {
        if (flow.window.isPending(ticket)) {
            flow.lastAnswer = nowNanos;
            onSent(flow, ticket);
        }
    }

    /** One entry is refused for good: it is read again at once, to be parked; then what is behind it goes on. */
    private void setAside(Flow flow, long nowNanos) {
        flow.notBefore = nowNanos;
        if (flow.session.isShared()) {
            flow.isToBeAlone = true;
            flow.state = State.DRAINING;
        } else {
            close(flow.session, nowNanos);
        }
    }

    private void refuse(Flow flow, String why, long nowNanos) {
        flow.failures++;
        flow.notBefore = nowNanos + refusedRetryNanos;
        report(
                flow,
                new Problem(
                        Problem.Kind.REFUSED,
                        flow.destination + " refuses what is sent, its events wait in the outbox, other topics go on: "
                                + why + "; trying again every "
                                + settings.refusedRetry().toSeconds() + " s"));
        if (flow.session.isShared()) {
            flow.isToBeAlone = true;
            flow.state = State.DRAINING;
        } else {
            close(flow.session, nowNanos);
        }
    }

    private void close(Session session, long nowNanos) {
        if (session.isClosing()) {
            return;
        }
        session.closing(nowNanos, backoff);
        for (var flow : session.flows()) {
            flow.state = State.CLOSING;
        }
        steps.add(new RelayStep.Close(session));
    }

    private void leaveSession(Flow flow, long nowNanos) {
        rewindToLowest(flow);
        moveToOwnSession(flow, nowNanos);
        await(flow, nowNanos);
    }

    private static void rewindToLowest(Flow flow) {
        if (!flow.window.isEmpty()) {
            flow.restartAt = flow.window.lowest();
            flow.window.clear();
        }
        if (flow.rewindTo != null) {
            flow.restartAt = flow.rewindTo;
            flow.rewindTo = null;
        }
    }

    private static void moveToOwnSession(Flow flow, long nowNanos) {
        flow.isToBeAlone = false;
        flow.session.flows().remove(flow);
        flow.session = new Session(flow.destination.broker(), false, nowNanos);
        flow.session.flows().add(flow);
    }

    private void await(Flow flow, long nowNanos) {
        flow.state = State.WAITING;
        long notBefore = flow.session.notBefore();
        flow.waitUntil = flow.notBefore - notBefore > 0 ? flow.notBefore : notBefore;
        timer(flow.waitUntil);
        if (flow.waitUntil - nowNanos <= 0) {
            start(flow, nowNanos);
        }
    }

    private void start(Flow flow, long nowNanos) {
        flow.state = State.FLOWING;
        flow.isLeftBehind = false;
        flow.lastAnswer = nowNanos;
        var from = flow.restartAt;
        flow.restartAt = null;
        steps.add(from == null ? new RelayStep.Resume(flow) : new RelayStep.Restart(flow, from));
    }

    private void onTime(Flow flow, long nowNanos) {
        if (flow.state == State.WAITING) {
            if (flow.waitUntil - nowNanos <= 0) {
                start(flow, nowNanos);
            } else {
                timer(flow.waitUntil);
            }
        } else if (flow.window.pending() > 0 && (flow.state == State.FLOWING || flow.state == State.DRAINING)) {
            long silentAt = flow.lastAnswer + silenceNanos;
            if (silentAt - nowNanos > 0) {
                timer(silentAt);
            } else if (flow.state == State.FLOWING) {
                fail(flow, "no answer for " + settings.silence().toSeconds() + " s", nowNanos);
            } else {
                close(flow.session, nowNanos);
            }
        }
    }

    private void timer(long at) {
        if (!isTimerSet || at - nextTimer < 0) {
            isTimerSet = true;
            nextTimer = at;
        }
    }

    private void report(Flow flow, @Nullable Problem problem) {
        var before = flow.problem;
        flow.problem = problem;
        if (problem == null ? before != null : before == null || before.kind() != problem.kind()) {
            steps.add(new RelayStep.Report(flow, problem));
        }
    }
}
