package dev.syncline.runtime.internal.dispatch;

import dev.syncline.api.EventType.Kind;
import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.dispatch.Applied.Answer;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.envelope.LogText;
import dev.syncline.runtime.internal.handling.Handling;
import dev.syncline.runtime.internal.handling.Verdict;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether an event that is next of its key needs an attempt, by what the handler has applied; and what is noted of one
 * that was made. Lane's thread.
 */
final class Admission {

    private static final Logger LOG = LoggerFactory.getLogger(Admission.class);

    private final String handler;
    private final Handling handling;
    private final Applied applied;
    private final Skips skips = new Skips();

    Admission(String handler, Handling handling, Applied applied) {
        this.handler = handler;
        this.handling = handling;
        this.applied = applied;
    }

    /** Of which kind an event is, for who asks and notes: it is looked up once. */
    Kind kind(Envelope event) {
        return handling.kind(event);
    }

    Answer ask(Envelope event, int route) {
        return ask(event, route, kind(event));
    }

    Answer ask(Envelope event, int route, Kind kind) {
        if (route == Handling.UNHANDLED) {
            skips.unhandled(event.type());
            return Answer.DUPLICATE; // nothing to do, either
        }
        if (event.problem() != null) {
            return Answer.APPLY; // to be refused by its attempt
        }
        try {
            return applied.ask(event, kind);
        } catch (OutboxException unreadable) {
            LOG.debug("{}: what was applied cannot be read", handler, unreadable);
            return Answer.UNKNOWN;
        }
    }

    /** Whether an answer makes the event fail without an attempt, by {@link #refusal}. */
    static boolean isRefusal(Answer answer) {
        return answer == Answer.CONFLICT || answer == Answer.UNKNOWN;
    }

    static Verdict refusal(Answer answer, Envelope event) {
        if (answer == Answer.UNKNOWN) {
            return new Verdict.Failed("inbox.unreadable", "what was applied before cannot be read", null, null);
        }
        return new Verdict.Rejected(
                "id.conflict",
                "another event came under the id " + LogText.of(event.id()) + " of source " + LogText.of(event.source())
                        + " before, with other content: its producer reuses ids",
                null);
    }

    /** Whether an attempt that ended so settles its event. */
    static boolean isSettling(Verdict verdict) {
        return verdict instanceof Verdict.Done || verdict instanceof Verdict.Skipped;
    }

    /** What was settled without being applied. Any thread. */
    Skips skips() {
        return skips;
    }

    /**
     * An attempt ended so that its event is settled next.
     *
     * @return false if its partition is not ours any more: it is let go instead
     */
    boolean note(Envelope event, Verdict verdict) {
        return note(event, verdict, kind(event));
    }

    boolean note(Envelope event, Verdict verdict, Kind kind) {
        boolean isOurs = !(verdict instanceof Verdict.Done) || applied.done(event, kind);
        if (verdict instanceof Verdict.Skipped skipped) {
            skips.count(skipped.code());
        }
        if (LOG.isDebugEnabled()) {
            LOG.debug("{}: {} {}", handler, verdict, event);
        }
        return isOurs;
    }
}
