package dev.syncline.spi;

import java.util.Optional;
import java.util.Set;

/**
 * What a {@link BrokerConsumer} knows of its group beyond its own partitions. Optional: a consumer that can tell
 * implements this beside it; of a group whose consumers do not, nobody can tell.
 *
 * <p>Threading: that of the consumer.
 */
public interface GroupView {

    /**
     * Partitions of the subscription that are not this consumer's, and of which it is not known that a live member reads
     * them: free ones, those that a dead member holds until its session or lease ends, those of a member that was not
     * heard of lately, alive or not. Where such a member may hold any of several, all of these. Those of live others are
     * not among them. Does not ask the broker.
     *
     * @return empty while it is not known: before the first answer of the broker, and while it is away
     */
    Optional<Set<TopicPartition>> unattended();
}
