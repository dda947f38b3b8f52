package dev.syncline.runtime.internal.relay;

import org.jspecify.annotations.Nullable;

/**
 * One destination's state: what is in flight, whether it may send, what is wrong with it. Changed by {@link RelayCore}
 * only.
 *
 * <pre>
 *            ┌──────── not sent: producer must go ───────► CLOSING ── closed ──┐
 *   FLOWING ─┤                                                                 ├──► WAITING ── time ──► FLOWING
 *            └─ refused, others go on ─► DRAINING ── all answered ─────────────┘    (lowest unanswered on)
 * </pre>
 */
final class Flow {

    final Destination destination;
    final Window window = new Window();
    Session session;
    State state = State.FLOWING;

    /** Where it goes on once it may; null: where it stopped taking. */
    @Nullable
    Mark restartAt;

    /** It is to go on at this earlier entry, once what is on its way was given up; null if it is not. */
    @Nullable
    Mark rewindTo;

    /** In WAITING: until when. */
    long waitUntil;

    /** It did not take an entry and has to be told when it can. */
    boolean isLeftBehind;

    /** Times in a row that it failed without its lowest unanswered entry moving up. */
    int failures;

    /** It does not send before this time, whatever its session may do. */
    long notBefore;

    /** It gets a producer of its own when the present one is closed. */
    boolean isToBeAlone;

    /** When it got its last answer, or began to wait for one. */
    long lastAnswer;

    /** How often its lowest unanswered entry moved up, of {@link Session#advances}. */
    long advances;

    /** What the others in the session had advanced when this one failed last. */
    long othersAdvancesAtFailure;

    @Nullable
    Problem problem;

    Flow(Destination destination, Session session) {
        this.destination = destination;
        this.session = session;
    }

    /** How often the others in the session advanced. */
    long othersAdvances() {
        return session.advances() - advances;
    }

    @Override
    public String toString() {
        return destination.toString();
    }

    enum State {
        /** Takes entries as long as its window has room. */
        FLOWING,
        /** Refused for good: takes nothing, what is in flight is answered. */
        DRAINING,
        /** Its producer is being closed. */
        CLOSING,
        /** Takes nothing until a time. */
        WAITING,
        /** Its broker is not configured: takes nothing. */
        STRANDED
    }
}
