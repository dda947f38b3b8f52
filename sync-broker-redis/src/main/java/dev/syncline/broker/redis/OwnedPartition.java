package dev.syncline.broker.redis;

import dev.syncline.spi.AssignmentListener.Assigned;
import dev.syncline.spi.Position;
import dev.syncline.spi.TopicPartition;
import java.util.OptionalLong;

/**
 * A partition that a consumer owns.
 *
 * <p>Threading: the polling thread.
 */
final class OwnedPartition {

    final TopicPartition partition;
    final String incarnation;
    final Lease lease;
    final Reading reading;
    final Acknowledging acknowledging;
    private final Assigned assigned;
    OptionalLong lag = OptionalLong.empty();
    boolean isGapTold;
    boolean isReleasing;

    OwnedPartition(TopicPartition partition, String group, Lease lease, Acquired acquired) {
        this.partition = partition;
        this.incarnation = acquired.incarnation();
        this.lease = lease;
        this.reading = new Reading(partition, group, lease, acquired);
        this.acknowledging = new Acknowledging(group, lease, acquired);
        this.assigned = new Assigned(partition, acquired.position(), acquired.metadata());
    }

    /** What its new owner is told. */
    Assigned assigned() {
        return assigned;
    }

    /** The highest entry that is known to have been there. */
    Position highest() {
        return EntryId.max(reading.highest(), acknowledging.confirmed());
    }

    void disconnected() {
        lease.suspend();
        reading.disconnected();
        acknowledging.disconnected();
    }
}
