package dev.syncline.runtime.internal.local;

import dev.syncline.spi.Position;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How far a group is in a partition, as kept on disk.
 *
 * @param acknowledged newest acknowledged position, null if none
 * @param metadata kept beside it
 * @param clear every message of the partition before this is done with; goes beyond what was acknowledged where only
 *     other partitions' messages follow. At first it is where the group began
 * @param clearN number of an outbox entry before {@code clear}, the nearer the better; 0 if none is known
 */
record Kept(@Nullable Position acknowledged, String metadata, Position clear, long clearN) {

    Kept {
        Objects.requireNonNull(metadata, "metadata");
        Objects.requireNonNull(clear, "clear");
    }

    static Kept begin(Position clear, long clearN) {
        return new Kept(null, "", clear, clearN);
    }
}
