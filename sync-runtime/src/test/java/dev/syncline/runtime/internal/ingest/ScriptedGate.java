package dev.syncline.runtime.internal.ingest;

import dev.syncline.runtime.internal.settle.Fence;
import dev.syncline.spi.TopicPartition;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** A gate that is open unless it is told to be shut, and stolen when it is told. */
final class ScriptedGate implements PartitionGate {

    private final Set<TopicPartition> stolen = new HashSet<>();
    boolean isShut;
    int opened;

    void steal(TopicPartition partition) {
        stolen.add(partition);
    }

    @Override
    public void open(TopicPartition partition, Fence fence, boolean hasPosition, Runnable onOpen) {
        opened++;
    }

    @Override
    public boolean isOpen(TopicPartition partition) {
        return !isShut && !stolen.contains(partition);
    }

    @Override
    public boolean isStolen(TopicPartition partition) {
        return stolen.contains(partition);
    }

    @Override
    public void close(Collection<TopicPartition> partitions) {
        stolen.removeAll(partitions);
    }
}
