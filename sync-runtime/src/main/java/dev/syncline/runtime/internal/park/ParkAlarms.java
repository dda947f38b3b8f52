package dev.syncline.runtime.internal.park;

/**
 * Told when the park store finds that something is not as it was written. Each finding once per opened store, on the
 * thread that found it. Must not block.
 */
@FunctionalInterface
public interface ParkAlarms {

    /**
     * An entry on the disk is not what was appended: a letter, the state of one, or the end of one is lost. The rest is
     * used.
     *
     * @param index where
     * @param why what is wrong, without contents
     */
    void onDamaged(long index, String why);
}
