package dev.syncline.verification.kill;

import java.util.concurrent.locks.LockSupport;

/** The time that an effect takes, so that kills find handlers in the middle of it. Which event takes how long, its id says. */
final class Work {

    private static final int SHORT_NANOS = 200_000;
    private static final int LONG_NANOS = 20_000_000;

    private Work() {}

    /** Until the effect. */
    static void before(String id) {
        pass(number(id));
    }

    /** Between the effect and the mark. */
    static void after(String id) {
        pass(number(id) >>> 8);
    }

    private static void pass(int number) {
        if ((number & 31) == 0) {
            LockSupport.parkNanos(LONG_NANOS);
        } else if ((number & 3) == 0) {
            LockSupport.parkNanos(SHORT_NANOS);
        }
    }

    /** Spread evenly, the same in every life; not negative. */
    static int number(String id) {
        int hash = id.hashCode() * 0x9E3779B1;
        return (hash ^ (hash >>> 15)) & Integer.MAX_VALUE;
    }
}
