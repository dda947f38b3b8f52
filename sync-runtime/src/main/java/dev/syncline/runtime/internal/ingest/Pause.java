package dev.syncline.runtime.internal.ingest;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Short waits of the poll thread for things that no signal reaches it for. */
final class Pause {

    private static final long BRIEF = TimeUnit.MICROSECONDS.toNanos(200);

    private Pause() {}

    static void briefly() {
        LockSupport.parkNanos(BRIEF);
    }
}
