package dev.syncline.runtime.internal.park;

import dev.syncline.runtime.internal.log.EventLog;

/**
 * A parked event as the index knows it: what it is lies in the log. Where the log has lost it, the letter still stands in
 * the order of its key, until a person gives it up or the event comes again. Guarded by its shard.
 */
final class Letter {

    /** The index of its first entry: its name for ever, and its place in the order of its key. */
    final long number;

    final long identityHigh;
    final long identityLow;
    final int digest;
    final ParkedKey key;

    /** What it takes in the log; 0 if it is lost. */
    int bytes;

    /** Where it lies now: compaction copies it forward. {@link EventLog#NONE} if it is lost. */
    long index;

    Letter(long number, long index, long identityHigh, long identityLow, int digest, int bytes, ParkedKey key) {
        this.number = number;
        this.index = index;
        this.identityHigh = identityHigh;
        this.identityLow = identityLow;
        this.digest = digest;
        this.bytes = bytes;
        this.key = key;
    }

    boolean isLost() {
        return index == EventLog.NONE;
    }

    boolean has(long high, long low) {
        return identityHigh == high && identityLow == low;
    }
}
