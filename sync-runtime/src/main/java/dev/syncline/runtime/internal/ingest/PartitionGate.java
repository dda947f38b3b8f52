package dev.syncline.runtime.internal.ingest;

import dev.syncline.runtime.internal.settle.Fence;
import dev.syncline.spi.TopicPartition;
import java.util.Collection;

/**
 * What has to be there of a partition before its first event is handed on, where that is not at hand. Until its gate is
 * open a partition is paused.
 *
 * <p>Threading: the poll thread, which never waits in here.
 */
public interface PartitionGate {

    /** Nothing has to be there that is not. */
    PartitionGate OPEN = new PartitionGate() {
        @Override
        public void open(TopicPartition partition, Fence fence, boolean hasPosition, Runnable onOpen) {}

        @Override
        public boolean isOpen(TopicPartition partition) {
            return true;
        }

        @Override
        public boolean isStolen(TopicPartition partition) {
            return false;
        }

        @Override
        public void close(Collection<TopicPartition> partitions) {}
    };

    /**
     * Begins to open.
     *
     * @param fence comes down when the partition is gone
     * @param hasPosition whether its group has acknowledged anything of it
     * @param onOpen called from any thread once it is open
     */
    void open(TopicPartition partition, Fence fence, boolean hasPosition, Runnable onOpen);

    /** Whether its events may be handed on. */
    boolean isOpen(TopicPartition partition);

    /** Whether another owner has taken it, whatever the broker says: nothing of it may be acknowledged any more. */
    boolean isStolen(TopicPartition partition);

    /** The partitions are gone; their fences are down, and what ran was waited for. */
    void close(Collection<TopicPartition> partitions);
}
