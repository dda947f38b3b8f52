package dev.syncline.runtime.internal.shared;

import dev.syncline.runtime.internal.park.LaneParking;
import dev.syncline.runtime.internal.settle.Fence;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.PartitionState;
import dev.syncline.spi.Position;
import dev.syncline.spi.TopicPartition;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One assignment of one partition: its state in the store, as long as nobody else takes it, and what was read of events
 * that are being attempted. When the store says that another owner took it, its fence comes down.
 *
 * <p>Threading: any thread.
 */
final class PartitionHold {

    /** Of events that are attempted, held or parked; for more the store is asked once more. */
    private static final int MOST_REMEMBERED = 1024;

    final TopicPartition partition;
    private final Fence fence;
    private final Map<Position, Asked> asked = new LinkedHashMap<>();
    private volatile @Nullable PartitionState state;
    private volatile @Nullable LaneParking parking;
    private volatile boolean isOpen;
    private volatile boolean isStolen;

    PartitionHold(TopicPartition partition, Fence fence) {
        this.partition = partition;
        this.fence = fence;
    }

    /** What was read of an event before its attempt. */
    record Asked(AppliedEntries entries, List<@Nullable Bytes> found) {}

    void taken(PartitionState ours) {
        state = ours;
    }

    /** What was parked is known: its events may be handled. */
    void open(LaneParking ours) {
        parking = ours;
        isOpen = true;
    }

    PartitionState state() {
        return Objects.requireNonNull(state, "not taken");
    }

    /** Null before it is open. */
    @Nullable
    LaneParking parking() {
        return parking;
    }

    boolean isOpen() {
        return isOpen;
    }

    /** Whether nobody is to begin with anything of it any more. */
    boolean isFenced() {
        return fence.isFenced();
    }

    /** Whether nothing of it runs; final once fenced. */
    boolean isIdle() {
        return fence.isIdle();
    }

    /** Another owner took it: nothing of it begins any more. */
    void stolen() {
        isStolen = true;
        fence.fence();
    }

    boolean isStolen() {
        return isStolen;
    }

    /** Keeps what was read until the attempt has ended; not for ever, since many an attempt fails. */
    void remember(Position position, Asked what) {
        synchronized (asked) {
            asked.put(position, what);
            if (asked.size() > MOST_REMEMBERED) {
                asked.remove(asked.keySet().iterator().next());
            }
        }
    }

    /** What was read; null if it is to be read again. */
    @Nullable
    Asked recall(Position position) {
        synchronized (asked) {
            return asked.remove(position);
        }
    }
}
