package dev.syncline.runtime.internal.park;

import dev.syncline.runtime.internal.log.LogSettings;
import java.time.Duration;

/**
 * How much a park store keeps and how it uses the disk.
 *
 * @param log how it uses the disk
 * @param maxLiveBytes more than that and the store says that it is full
 */
public record ParkSettings(LogSettings log, long maxLiveBytes) {

    private static final long DEFAULT_LIVE_BYTES = 1L << 30;

    public ParkSettings {
        if (maxLiveBytes <= 0) {
            throw new IllegalArgumentException("the limit is positive, not " + maxLiveBytes);
        }
    }

    /** Files of 64 MiB or a day, 1 GiB of live bytes. */
    public static ParkSettings defaults() {
        var log = LogSettings.defaults();
        return new ParkSettings(
                log.withSegmentBytes(log.blockBytes()).withSegmentAge(Duration.ofDays(1)), DEFAULT_LIVE_BYTES);
    }

    /** With another use of the disk. */
    public ParkSettings withLog(LogSettings other) {
        return new ParkSettings(other, maxLiveBytes);
    }

    /** With another limit. */
    public ParkSettings withMaxLiveBytes(long bytes) {
        return new ParkSettings(log, bytes);
    }
}
