package dev.syncline.runtime.internal.park;

import dev.syncline.runtime.internal.log.EventLog;
import dev.syncline.runtime.internal.outbox.ForwardingEventLog;

/** A log that ends the process before or after one of its writes: appends, forces, drops. */
final class CrashingLog extends ForwardingEventLog {

    /** The process is no more. */
    static final class Crash extends Error {
        private static final long serialVersionUID = 1L;

        Crash() {
            super("crash", null, false, false);
        }
    }

    private int writesLeft = Integer.MAX_VALUE;
    private final boolean isAfterWrite;

    CrashingLog(EventLog to, boolean isAfterWrite) {
        super(to);
        this.isAfterWrite = isAfterWrite;
    }

    /** So many writes succeed from now on. */
    void crashAt(int writes) {
        writesLeft = writes;
    }

    @Override
    public long append(byte[] entry, int offset, int length) {
        before();
        long index = super.append(entry, offset, length);
        after();
        return index;
    }

    @Override
    public void force() {
        before();
        super.force();
        after();
    }

    @Override
    public int dropBefore(long index) {
        before();
        int dropped = super.dropBefore(index);
        after();
        return dropped;
    }

    private void before() {
        if (writesLeft == 0 && !isAfterWrite) {
            throw new Crash();
        }
    }

    private void after() {
        if (writesLeft-- == 0) {
            throw new Crash();
        }
    }
}
