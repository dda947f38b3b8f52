package dev.syncline.runtime.internal.shared;

import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.dispatch.Parking;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.park.LaneParking;
import dev.syncline.runtime.internal.park.ParkStore;
import dev.syncline.spi.TopicPartition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** The parked keys of a handler in the shared store: a park store for each partition that is held, by the same rules. */
final class SharedParking implements Parking {

    /** Of live bytes in all partitions that are held: they lie in the memory of the store. */
    private static final long MAX_LIVE_BYTES = 256L << 20;

    private final Map<TopicPartition, PartitionHold> holds;

    /** @param holds of the handler; those that are open count */
    SharedParking(Map<TopicPartition, PartitionHold> holds) {
        this.holds = holds;
    }

    /** What is parked of partitions is known when they are opened, and nothing before. */
    @Override
    public List<Parked> parked(IntPredicate shards) {
        return List.of();
    }

    /** What is parked of a partition that was just read. */
    static List<Parked> parked(TopicPartition partition, LaneParking parking, IntPredicate shards) {
        var found = new ArrayList<Parked>();
        parking.parked(shards).forEach(parked -> found.add(new OfPartition(partition, parking, parked)));
        return found;
    }

    @Override
    public boolean isOf(Parked key, TopicPartition partition) {
        return ((OfPartition) key).partition.equals(partition);
    }

    @Override
    public Parked park(Envelope head, Failure failure) {
        var partition = head.received().partition();
        var parking = parking(partition);
        return new OfPartition(partition, parking, parking.park(head, failure));
    }

    @Override
    public void append(Parked key, Envelope event) {
        var of = (OfPartition) key;
        of.parking.append(of.parked, event);
    }

    @Override
    public boolean contains(Parked key, Envelope event) {
        var of = (OfPartition) key;
        return of.parking.contains(of.parked, event);
    }

    @Override
    public boolean isFull() {
        return stores().stream().mapToLong(ParkStore::liveBytes).sum() >= MAX_LIVE_BYTES;
    }

    /** Those of partitions that went meanwhile are another's: {@link #isForced} says which. */
    @Override
    public void force() {
        for (var hold : holds.values()) {
            var parking = hold.parking();
            if (parking != null) {
                try {
                    parking.force();
                } catch (OutboxException gone) {
                    if (!hold.isFenced()) {
                        throw gone;
                    }
                }
            }
        }
    }

    @Override
    public boolean isForced(Envelope event) {
        var hold = holds.get(event.received().partition());
        var parking = hold == null ? null : hold.parking();
        var store = parking == null ? null : parking.storeIfAny();
        return hold != null
                && store != null
                && !hold.isStolen()
                && store.failure().isEmpty();
    }

    @Override
    public @Nullable Envelope head(Parked key) {
        var of = (OfPartition) key;
        return of.parking.head(of.parked);
    }

    @Override
    public void failed(Parked key, Failure failure) {
        var of = (OfPartition) key;
        of.parking.failed(of.parked, failure);
    }

    @Override
    public void lost(Parked key) {
        var of = (OfPartition) key;
        of.parking.lost(of.parked);
    }

    @Override
    public boolean close(Parked key, End end) {
        var of = (OfPartition) key;
        return of.parking.close(of.parked, end);
    }

    @Override
    public boolean isDeadHead(Parked key, long letter) {
        var of = (OfPartition) key;
        return of.parking.isDeadHead(of.parked, letter);
    }

    @Override
    public void redrive(Parked key) {
        var of = (OfPartition) key;
        of.parking.redrive(of.parked);
    }

    @Override
    public boolean skip(Parked key, String who, String why) {
        var of = (OfPartition) key;
        return of.parking.skip(of.parked, who, why);
    }

    @Override
    public int drop(Parked key, String who, String why) {
        var of = (OfPartition) key;
        return of.parking.drop(of.parked, who, why);
    }

    /** The stores of the partitions that are open. Any thread. */
    List<ParkStore> stores() {
        return holds.values().stream()
                .map(PartitionHold::parking)
                .filter(Objects::nonNull)
                .map(LaneParking::storeIfAny)
                .filter(Objects::nonNull)
                .toList();
    }

    private LaneParking parking(TopicPartition partition) {
        var hold = holds.get(partition);
        @Nullable LaneParking parking = hold == null ? null : hold.parking();
        if (parking == null) {
            throw new OutboxException(partition + " is not ours any more, nothing of it can be parked here");
        }
        return parking;
    }

    /** A parked key, and where it is. */
    private record OfPartition(TopicPartition partition, LaneParking parking, Parked parked) implements Parked {

        @Override
        public String topic() {
            return parked.topic();
        }

        @Override
        public String key() {
            return parked.key();
        }

        @Override
        public String headText() {
            return parked.headText();
        }

        @Override
        public Failure failure() {
            return parked.failure();
        }

        @Override
        public int size() {
            return parked.size();
        }
    }
}
