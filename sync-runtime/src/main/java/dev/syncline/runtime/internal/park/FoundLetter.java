package dev.syncline.runtime.internal.park;

import dev.syncline.runtime.internal.log.EventLog;
import org.jspecify.annotations.Nullable;

/**
 * A letter that a start found in the log.
 *
 * @param number its name
 * @param index where it lies, {@link EventLog#NONE} if only its state says that it was there
 * @param bytes that it takes
 */
record FoundLetter(long number, long index, int bytes, int shard, KeyName key, Identity identity) {

    /**
     * Puts it at the end of its key.
     *
     * @param state how it stands with it if it is the head
     */
    Letter addTo(ParkIndex parkIndex, @Nullable FoundState state) {
        var letter = parkIndex.add(shard, key, number, index, identity, bytes);
        if (state != null && letter.key.head() == number) {
            var was = state.state();
            var now = letter.isLost() ? was.lost(was.lastFailureMillis()) : was;
            parkIndex.setState(letter.key, now, state.index(), state.bytes());
        }
        return letter;
    }
}
