package dev.syncline.testkit.server;

/** What is wrong with one direction of a proxy. Written by the loop's thread; the counters are read by others. */
final class ProxyFaults {

    long delayNanos;
    long bytesPerSecond;
    boolean stalled;
    boolean swallowing;

    /** Bytes until the cut; 0 if there is none to come. */
    long cutAfter;

    volatile long delivered;
    volatile long swallowed;

    void clear() {
        delayNanos = 0;
        bytesPerSecond = 0;
        stalled = false;
        swallowing = false;
        cutAfter = 0;
    }
}
