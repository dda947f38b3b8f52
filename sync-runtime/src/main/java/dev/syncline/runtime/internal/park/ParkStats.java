package dev.syncline.runtime.internal.park;

/**
 * How a park store stands.
 *
 * @param keys that are parked
 * @param deadKeys those of them whose head is dead
 * @param letters of all keys, and those that wait behind what cannot be read
 * @param liveBytes what is needed of the bytes on the disk
 * @param bytesOnDisk what its files take
 * @param files how many
 * @param damaged entries that could not be read since it was opened
 */
public record ParkStats(
        long keys, long deadKeys, long letters, long liveBytes, long bytesOnDisk, int files, int damaged) {}
