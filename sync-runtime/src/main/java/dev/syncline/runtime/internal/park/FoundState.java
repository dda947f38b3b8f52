package dev.syncline.runtime.internal.park;

import org.jspecify.annotations.Nullable;

/**
 * The last state of a letter that a start found in the log.
 *
 * @param index where it lies
 * @param bytes that it takes
 * @param lost what the letter is if it is not there; null if that is not known
 */
record FoundState(
        HeadState state, long index, int bytes, @Nullable FoundLetter lost) {}
