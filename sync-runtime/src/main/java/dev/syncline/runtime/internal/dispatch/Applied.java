package dev.syncline.runtime.internal.dispatch;

import dev.syncline.api.EventType.Kind;
import dev.syncline.runtime.internal.envelope.Envelope;

/**
 * What a handler has applied: its inbox and its guard, as a lane asks them before an attempt and tells them after it.
 *
 * <p>Threading: what belongs to a shard is asked and told by the one lane that owns the shard.
 */
public interface Applied {

    /** Keeps nothing: every event is applied. */
    Applied NOTHING = new Applied() {
        @Override
        public Answer ask(Envelope event, Kind kind) {
            return Answer.APPLY;
        }

        @Override
        public boolean done(Envelope event, Kind kind) {
            return true;
        }
    };

    /**
     * What is to be done with an event that is next of its key.
     *
     * @throws dev.syncline.api.OutboxException if the disk fails: it is asked again with the next attempt
     */
    Answer ask(Envelope event, Kind kind);

    /**
     * The event was applied. Before its position may be passed.
     *
     * @return false if its partition is not ours any more: it is let go, and is another's to settle
     */
    boolean done(Envelope event, Kind kind);

    /** What is to be done with an event. */
    enum Answer {
        /** It is new. */
        APPLY,
        /** It was applied before. */
        DUPLICATE,
        /** Something newer of its entity was applied before. */
        STALE,
        /** Another event under its id was applied before: a mistake of its producer, or worse. */
        CONFLICT,
        /** It could not be found out. */
        UNKNOWN,
        /** Its partition is not ours any more: it is to be let go. */
        GONE
    }
}
