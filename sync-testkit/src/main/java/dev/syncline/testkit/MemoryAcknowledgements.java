package dev.syncline.testkit;

import dev.syncline.spi.BrokerConsumer.Acknowledgement;
import dev.syncline.spi.TopicPartition;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a consumer acknowledged and its server does not know yet; of each partition the furthest. */
final class MemoryAcknowledgements {

    private final Map<TopicPartition, Acknowledgement> unsent = new HashMap<>();

    void add(Map<TopicPartition, Acknowledgement> positions) {
        positions.forEach((partition, position) -> unsent.merge(partition, position, MemoryAcknowledgements::further));
    }

    private static Acknowledgement further(Acknowledgement old, Acknowledgement next) {
        return next.position().compareTo(old.position()) < 0 ? old : next;
    }

    void clear() {
        unsent.clear();
    }

    /** Hands over what the member owns; the rest is gone. Whether that was all. */
    boolean handOver(MemoryGroup group, @Nullable MemoryMember member) {
        boolean all = true;
        for (var entry : unsent.entrySet()) {
            if (member != null && group.owns(member, entry.getKey())) {
                group.acknowledge(entry.getKey(), entry.getValue());
            } else {
                all = false;
            }
        }
        unsent.clear();
        return all;
    }
}
