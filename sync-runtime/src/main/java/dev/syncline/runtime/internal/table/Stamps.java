package dev.syncline.runtime.internal.table;

import java.time.Duration;

/**
 * The mark of an entry that has an age: a flag in the highest bit, and in the other 31 the second since 2020-01-01 UTC
 * in which it was made, good until 2088.
 */
public final class Stamps {

    private static final long EPOCH_SECOND = 1_577_836_800L;
    private static final int FLAG = 1 << 31;

    private Stamps() {}

    /** The mark. */
    public static int of(long epochSecond, boolean flag) {
        int stamp = (int) Math.max(1, Math.min(Integer.MAX_VALUE, epochSecond - EPOCH_SECOND));
        return flag ? stamp | FLAG : stamp;
    }

    /** The stamp without its flag: greater is newer. */
    public static int stamp(int mark) {
        return mark & ~FLAG;
    }

    /** The flag. */
    public static boolean isFlagged(int mark) {
        return (mark & FLAG) != 0;
    }

    /** Whether an entry is older than so many seconds. */
    public static boolean isOlder(int mark, long seconds, long epochSecond) {
        return epochSecond - EPOCH_SECOND - stamp(mark) > seconds;
    }

    /** How old an entry is; zero if it is from the future, after a clock was set back. */
    public static Duration age(int mark, long epochSecond) {
        return Duration.ofSeconds(Math.max(0, epochSecond - EPOCH_SECOND - stamp(mark)));
    }
}
