package dev.syncline.runtime.internal.inbox;

import java.util.List;

/**
 * The newest version of each entity that a handler has applied, per origin. Answers come as those of {@link InboxStore}
 * do, to the same kind of caller.
 */
public interface GuardStore extends AutoCloseable {

    /** What a guard says of a change. */
    enum Answer {

        /** Not older than what was applied: handle it. */
        APPLY,

        /** Older than what was applied, or a state that its delete has overtaken: drop and count it. */
        STALE
    }

    /** Asks about changes, before they are handled; not changed until the answer. */
    void check(List<EntityChange> changes, Checked answer);

    /** Says that changes are applied: after their effects, before the inbox's mark. Doing it again changes nothing. */
    void mark(List<EntityChange> changes, Marked answer);

    /** Ends the use; idempotent. Nothing may be running. */
    @Override
    void close();

    /** Takes what {@link #check} found. */
    interface Checked {

        /** One answer for each change, in their order. */
        void onChecked(List<EntityChange> changes, List<Answer> answers);

        /** The store did not answer; nothing may be assumed, ask again. */
        void onFailure(List<EntityChange> changes, Exception why);
    }

    /** Hears how {@link #mark} ended. */
    interface Marked {

        /** All are marked. */
        void onMarked(List<EntityChange> changes);

        /** Some may be marked, some not; mark them again. */
        void onFailure(List<EntityChange> changes, Exception why);
    }
}
