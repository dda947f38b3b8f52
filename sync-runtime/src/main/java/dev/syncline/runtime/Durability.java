package dev.syncline.runtime;

/** What an event that {@code publish} returned for survives. */
public enum Durability {
    /**
     * The end of the process, kill -9 among it, but not a power failure: the event is in the page cache. Costs well
     * under a microsecond beyond encoding.
     */
    PROCESS,
    /**
     * A power failure, too: {@code publish} waits until the drive has taken it. One sync serves all that published
     * meanwhile. Costs one sync of the drive, from tens of microseconds to milliseconds.
     */
    DISK
}
