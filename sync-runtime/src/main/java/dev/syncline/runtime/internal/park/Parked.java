package dev.syncline.runtime.internal.park;

/**
 * What became of an event that was to be parked.
 *
 * @param key where it waits
 * @param letter its name in the store
 * @param index what {@link ParkStore#force} has to cover before it may be settled
 * @param isNew false if the same event waited there already, so that nothing was appended
 */
public record Parked(ParkedKey key, long letter, long index, boolean isNew) {}
