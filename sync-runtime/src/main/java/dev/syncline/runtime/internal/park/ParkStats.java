package dev.syncline.runtime.internal.park;

import dev.syncline.runtime.internal.keys.Shards;
import dev.syncline.runtime.internal.log.EventLog;
import java.util.List;

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
        long keys, long deadKeys, long letters, long liveBytes, long bytesOnDisk, int files, int damaged) {

    /** Looks at every key. */
    static ParkStats of(ParkIndex index, int lettersInDoubt, List<EventLog.Segment> segments, int damaged) {
        long keys = 0;
        long dead = 0;
        long letters = lettersInDoubt;
        for (int i = 0; i < Shards.COUNT; i++) {
            var shard = index.shard(i);
            synchronized (shard) {
                letters += shard.letters();
                for (var key : shard.all()) {
                    keys++;
                    dead += key.state().isDead() ? 1 : 0;
                }
            }
        }
        long bytes = segments.stream().mapToLong(EventLog.Segment::bytes).sum();
        return new ParkStats(keys, dead, letters, index.use().liveBytes(), bytes, segments.size(), damaged);
    }
}
