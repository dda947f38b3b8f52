package dev.syncline.runtime.internal.park;

/** A parked event as the index knows it: what it is lies in the log. Guarded by its shard. */
final class Letter {

    /** The index of its first entry: its name for ever, and its place in the order of its key. */
    final long number;

    final long identityHigh;
    final long identityLow;
    final int digest;
    final int bytes;
    final ParkedKey key;

    /** Where it lies now: compaction copies it forward. */
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

    boolean has(long high, long low) {
        return identityHigh == high && identityLow == low;
    }
}
