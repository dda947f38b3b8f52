package dev.syncline.runtime.internal.outbox;

import dev.syncline.runtime.internal.log.StoreId;
import java.util.Optional;

/**
 * Sees to it that no number is given twice, even where the log has lost its newest entries. Receivers drop what they
 * take for a repeat: an event that got the number of a lost one would be lost as well.
 *
 * <p>Threading: under the outbox's lock, but for {@link #refresh}.
 */
interface Numbering {

    /** For a log that forgets nothing, or whose readers are forgotten with it. */
    record Trusting(StoreId outboxId) implements Numbering {
        @Override
        public long resume(long lastInLog, boolean tailDamaged) {
            return lastInLog + 1;
        }

        @Override
        public Optional<String> whyNewId() {
            return Optional.empty();
        }

        @Override
        public boolean knowsTheLast() {
            return false;
        }

        @Override
        public void cover(long n) {
            // nothing to keep
        }

        @Override
        public void refresh(long lastN) {
            // nothing to keep
        }

        @Override
        public void close(long lastN) {
            // nothing to keep
        }
    }

    /**
     * The first number that was certainly never given.
     *
     * @param lastInLog number of the newest entry that could be read, 0 if there is none
     * @param tailDamaged whether behind that entry lies something that could not be read
     */
    long resume(long lastInLog, boolean tailDamaged);

    /** Under which id numbers are given from {@link #resume} on. */
    StoreId outboxId();

    /** Why that is another id than before; empty if it is not. */
    Optional<String> whyNewId();

    /** Whether the number before the one that {@link #resume} returned was given for certain. */
    boolean knowsTheLast();

    /** Called before {@code n} is given for the first time. */
    void cover(long n);

    /** Called now and then, by any thread: the outbox is in use, at least this number was given. */
    void refresh(long lastN);

    /** The outbox ends in good order, the last number given is this: by it, or before it by one whose log lost its end. */
    void close(long lastN);
}
