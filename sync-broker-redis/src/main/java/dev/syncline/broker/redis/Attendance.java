package dev.syncline.broker.redis;

import dev.syncline.spi.TopicPartition;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Which partitions nobody may be reading. Each member fills the share that it computes from who is alive, so partitions
 * are attended to where we have ours and all others were heard of; what exactly a silent one holds is not looked up.
 *
 * <p>Threading: the polling thread.
 */
final class Attendance {

    private final Topics topics;
    private final Membership membership;
    private final Ownership ownership;

    Attendance(Topics topics, Membership membership, Ownership ownership) {
        this.topics = topics;
        this.membership = membership;
        this.ownership = ownership;
    }

    /** Empty while that is not known. */
    Optional<Set<TopicPartition>> unattended(long nowNanos) {
        if (!topics.isComplete() || !membership.isKnown(nowNanos)) {
            return Optional.empty();
        }
        var unattended = new HashSet<TopicPartition>();
        for (var topic : topics.found()) {
            boolean isShareFull = ownership.of(topic).size() >= membership.quota(topic);
            if (!isShareFull || !membership.areOthersLive(topic, nowNanos)) {
                topic.all().stream()
                        .filter(partition -> ownership.get(partition) == null)
                        .forEach(unattended::add);
            }
        }
        return Optional.of(unattended);
    }
}
