package dev.syncline.runtime.internal.table;

/**
 * Entries of 12 bytes under keys of 128 bits, of one shard. A key is the hash of what it stands for, made with
 * {@link #hashKey0} and {@link #hashKey1}, so two things share an entry once in 2^128.
 *
 * <p>What a table forgets (a torn or damaged entry, one that had to make room) is absent: forgetting costs a repeat. It
 * never invents: an entry that is found was put, with that value.
 *
 * <p>Threading: one thread at a time, the lane that owns the shard; {@link #evictedUpTo} any.
 */
public interface Table {

    /** What {@link #find} says of a key that has no entry. */
    int ABSENT = -1;

    /** First half of the key for {@link KeyedHash}. */
    long hashKey0();

    /** Second half of the key for {@link KeyedHash}. */
    long hashKey1();

    /**
     * Sees to it that the keys are the same after a crash, though nothing was put yet. Nothing to do for a table whose
     * keys are always the same.
     *
     * @throws dev.syncline.api.OutboxException if the disk fails
     */
    default void makeKeysLast() {}

    /**
     * Finds an entry.
     *
     * @return where it is, until the next {@link #put}; {@link #ABSENT} if there is none
     */
    int find(long high, long low);

    /** The value of an entry that was found. */
    long value(int entry);

    /** The mark of an entry that was found. */
    int mark(int entry);

    /**
     * Makes or replaces an entry; once this returns, the end of the process does not undo it, and the end of the process
     * at any moment before leaves either the old entry or the new.
     *
     * @throws dev.syncline.api.OutboxFullException if there is no room on the disk, and none may be made by forgetting;
     *     nothing was changed
     */
    void put(long high, long low, long value, int mark);

    /**
     * Makes a note at an entry that was found. It is not stored: it goes when the table is closed, and may go when an entry
     * is made.
     */
    void note(int entry);

    /** Whether {@link #note} was called for an entry that was found. */
    boolean isNoted(int entry);

    /** Whether an entry has the same first half of the key and another second half. */
    boolean hasSibling(long high, long low);

    /** How many entries there are, give or take those that damage or a power failure took. */
    int size();

    /** The newest stamp of an entry that made room before its time; 0 if none ever did. Any thread. */
    int evictedUpTo();
}
