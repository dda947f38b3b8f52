package dev.syncline.runtime.internal.outbox;

/**
 * Told when the outbox finds that something is not as it was written. Each finding once per opened outbox, on the thread
 * that found it. Must not block.
 */
public interface OutboxAlarms {

    /**
     * An entry on the disk is not what was appended. It was skipped, those after it are delivered.
     *
     * @param index where
     * @param why what is wrong, without contents
     */
    void onDamaged(long index, String why);

    /**
     * Entries that were appended are not there any more.
     *
     * @param expectedN the number that should have come
     * @param foundN the number that came
     * @param index where it came
     */
    void onGap(long expectedN, long foundN, long index);
}
