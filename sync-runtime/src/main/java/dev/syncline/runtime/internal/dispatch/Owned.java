package dev.syncline.runtime.internal.dispatch;

import dev.syncline.runtime.internal.settle.Fence;
import dev.syncline.spi.TopicPartition;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What parked heads may run: those that came from partitions that are ours now. Where nobody else can have any, as on
 * the embedded broker, also those of partitions that are there no more.
 *
 * <p>Threading: changed by the poll thread, asked by lanes.
 */
final class Owned {

    private final Map<TopicPartition, Fence> fences = new ConcurrentHashMap<>();
    private final @Nullable Fence rest;

    /** @param isAll whether nobody else can have any partition */
    Owned(boolean isAll) {
        this.rest = isAll ? new Fence() : null;
    }

    /** The partition is ours until the fence comes down. */
    void assigned(TopicPartition partition, Fence fence) {
        fences.put(partition, fence);
    }

    /** The fence of an attempt that has begun, null if it must not. */
    @Nullable
    Fence begin(TopicPartition partition) {
        var fence = fences.getOrDefault(partition, rest);
        return fence != null && fence.begin() ? fence : null;
    }

    /** What is not assigned is not ours any more, either. */
    void fenceRest() {
        if (rest != null) {
            rest.fence();
        }
    }

    /** Whether nothing runs of what is not assigned. */
    boolean isRestIdle() {
        return rest == null || rest.isIdle();
    }
}
