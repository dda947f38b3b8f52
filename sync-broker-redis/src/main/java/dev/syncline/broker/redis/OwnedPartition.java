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
    private final Lag lag = new Lag();
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

    /** The server said how many entries there are, or that it cannot say. */
    void measured(OptionalLong entries, long askedNanos) {
        entries.ifPresentOrElse(count -> lag.measured(count, askedNanos), lag::unknown);
    }

    /** How many entries are there beyond the position; unknown also where data is missing. */
    OptionalLong lag(long nowNanos) {
        return reading.gap() == null ? lag.at(nowNanos) : OptionalLong.empty();
    }

    void disconnected() {
        lag.unknown();
        lease.suspend();
        reading.disconnected();
        acknowledging.disconnected();
    }
}
