package dev.syncline.runtime.internal.dispatch;

import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.spi.Position;
import dev.syncline.spi.TopicPartition;
import java.util.List;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The durable queues of a handler's parked keys, as its lanes see them: first in, first out per key.
 *
 * <p>Threading: what belongs to a shard is used by the one lane that owns the shard; several lanes at once.
 *
 * <p>Failure: every method may throw {@link dev.syncline.api.OutboxException}: the disk has no room or fails. What was to
 * be parked is then not parked; what was to be noted may be forgotten, which costs an attempt more.
 */
public interface Parking {

    /** Parks nothing: keys whose attempts in place are spent wait in memory, as they do when a disk refuses. */
    static Parking none() {
        return new NoParking();
    }

    /** The keys of these shards that are parked, when the handler starts. */
    List<Parked> parked(IntPredicate shards);

    /**
     * Whether the disk has lost something behind which more is parked, so that what comes next tells what of that counts. Any
     * thread.
     */
    default boolean isInDoubt() {
        return false;
    }

    /**
     * A partition was assigned, and the group is done with it up to there: nothing up to there comes again. Before any event of
     * it comes. Any thread.
     */
    default void assigned(TopicPartition partition, Position acknowledged) {}

    /** Keys of these shards of which, by what was {@linkplain #assigned assigned}, more is parked than was known. */
    default List<Parked> confirmed(IntPredicate shards) {
        return List.of();
    }

    /**
     * An event comes while something {@linkplain #isInDoubt is in doubt}.
     *
     * @return its key if, as that shows, older events of it are parked; else null
     */
    default @Nullable Parked arrives(Envelope event) {
        return null;
    }

    /**
     * Parks the head of a key that is not parked. Counts once {@link #force} has returned.
     *
     * @return the key; another one if this very event waits under another name already, which one without a key does that
     *     came again at another place
     */
    Parked park(Envelope head, Failure failure);

    /**
     * Parks a further event of a key. Counts once {@link #force} has returned. If it is the lost head itself that came
     * again, it is the head as before, and no longer dead.
     */
    void append(Parked key, Envelope event);

    /** Whether the event waits in the key's queue already: its position was not passed before a crash. */
    boolean contains(Parked key, Envelope event);

    /** Whether so much is parked that nothing more should be taken in. Any thread. */
    boolean isFull();

    /** Makes everything parked before survive a power failure. Blocks for the disk; one at a time, not on a lane. */
    void force();

    /** Whether a {@link #force} that has returned covers an event: not if its partition went to another owner meanwhile. */
    boolean isForced(Envelope event);

    /** Whether a key is of a partition. For stores whose keys come and go with their partitions. */
    boolean isOf(Parked key, TopicPartition partition);

    /** The first event of a key's queue, as it came; null if it is lost, the disk damaged it. Reads the disk. */
    @Nullable
    Envelope head(Parked key);

    /** The head is lost: it is a dead letter, which a person can give up. */
    void lost(Parked key);

    /** The head failed again, and when it is due again. */
    void failed(Parked key, Failure failure);

    /**
     * The head is done with. That the key is empty is durable when this returns: else a power failure might bring the
     * head back behind an event that came after it.
     *
     * @return whether the key has another; if not, it is parked no more
     */
    boolean close(Parked key, End end);

    /** Whether a letter is the head of its key, and dead: what commands are for. */
    boolean isDeadHead(Parked key, long letter);

    /**
     * A dead head is to be attempted again, with a fresh budget of attempts. Durable when it returns. One that is lost
     * cannot be: the exception says so.
     */
    void redrive(Parked key);

    /**
     * A person gives the head up. Durable when it returns.
     *
     * @return whether the key has another; if not, it is parked no more
     */
    boolean skip(Parked key, String who, String why);

    /**
     * A person gives the whole queue up. Durable when it returns; the key is parked no more.
     *
     * @return how many events it had
     */
    int drop(Parked key, String who, String why);

    /** How a head ended. */
    enum End {
        /** It was applied, now or before. */
        DONE,
        /** Something newer of its entity was applied before. */
        STALE
    }

    /**
     * How the newest attempt at a head ended.
     *
     * @param attempts failed ones so far
     * @param code stable reason, dotted lower case
     * @param detail for people; no payload
     * @param dueInNanos pause before the next attempt; {@link #NEVER} if it is a dead letter
     */
    record Failure(int attempts, String code, String detail, long dueInNanos) {

        /** No attempt follows. */
        public static final long NEVER = -1;

        /** Whether its head is a dead letter. */
        public boolean isDead() {
            return dueInNanos == NEVER;
        }
    }

    /** A parked key. Its lane's thread. */
    interface Parked {

        /** Topic that scopes the key. */
        String topic();

        /** Name of the key in the lane's table. */
        String key();

        /** What the head is; no payload. */
        String headText();

        /** How its newest attempt ended. */
        Failure failure();

        /** Events in the queue. */
        int size();
    }
}
