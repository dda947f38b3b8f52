package dev.syncline.runtime.internal.inbox;

import dev.syncline.runtime.internal.envelope.Envelope;
import java.time.Duration;
import java.util.List;

/**
 * Which events a handler is done with. An event that is new is never called a duplicate; a duplicate may be called new,
 * after a crash before its mark, or beyond the horizon.
 *
 * <p>Answers come by call-back, on the caller's thread before the call returns, or later on another thread; a lane takes
 * them into its mailbox as it takes completions. Events of one key are checked and marked in their order, by one caller
 * at a time: the lane that owns the key's shard.
 *
 * <p>All events given are well: they have no {@link Envelope#problem()}.
 */
public interface InboxStore extends AutoCloseable {

    /**
     * Asks about events, before they are handled.
     *
     * @param events of any shards of the caller's lane; not changed until the answer
     */
    void check(List<Envelope> events, Checked answer);

    /**
     * Says that the handler is done with events: after their effects and the guard's mark, before their positions are
     * settled. Doing it again changes nothing.
     *
     * @param events of any shards of the caller's lane; not changed until the answer
     */
    void mark(List<Envelope> events, Marked answer);

    /** How far back every foreign event is still known; shorter than its setting once ids had to make room. Any thread. */
    Duration horizon();

    /** Ends the use; idempotent. Nothing may be running. */
    @Override
    void close();

    /** Takes what {@link #check} found. */
    interface Checked {

        /** One answer for each event, in their order. */
        void onChecked(List<Envelope> events, List<Seen> seen);

        /** The store did not answer; nothing may be assumed, ask again. */
        void onFailure(List<Envelope> events, Exception why);
    }

    /** Hears how {@link #mark} ended. */
    interface Marked {

        /** All are marked. */
        void onMarked(List<Envelope> events);

        /** Some may be marked, some not; mark them again before their positions are settled. */
        void onFailure(List<Envelope> events, Exception why);
    }
}
