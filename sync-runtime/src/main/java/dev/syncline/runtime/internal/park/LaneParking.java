package dev.syncline.runtime.internal.park;

import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.dispatch.Parking;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.envelope.EnvelopeReader;
import dev.syncline.runtime.internal.keys.Shards;
import dev.syncline.runtime.internal.log.EventLog;
import dev.syncline.spi.Position;
import dev.syncline.spi.TopicPartition;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The park store as the lanes of its handler see it: events and pauses for letters and wall-clock times. */
public final class LaneParking implements Parking {

    private static final Logger LOG = LoggerFactory.getLogger(LaneParking.class);

    private static final Closing STALE = Closing.skipped("", "something newer of its entity was applied before");

    private final Supplier<ParkStore> opening;
    private volatile @Nullable ParkStore opened;
    private final EnvelopeReader reader;
    private final InstantSource clock;
    private final Consumer<LaneParking> onNoted;
    private final AtomicLong appended = new AtomicLong(EventLog.NONE);

    /**
     * A view of a store.
     *
     * @param opened null if there is none yet
     * @param opening opens it when the first key is parked: most handlers of most days need none
     * @param onNoted told when something was noted that no lane forces: a log whose entries wait in memory has them forced
     *     soon
     */
    public LaneParking(
            @Nullable ParkStore opened,
            Supplier<ParkStore> opening,
            EnvelopeReader reader,
            InstantSource clock,
            Consumer<LaneParking> onNoted) {
        this.opened = opened;
        this.opening = opening;
        this.reader = reader;
        this.clock = clock;
        this.onNoted = onNoted;
    }

    /** Opens the store now, if it is not open. */
    public void open() {
        store();
    }

    private ParkStore store() {
        var store = opened;
        if (store == null) {
            store = opening.get(); // the same one for all lanes
            opened = store;
        }
        return store;
    }

    @Override
    public List<Parking.Parked> parked(IntPredicate shards) {
        var found = new ArrayList<Parking.Parked>();
        var store = opened;
        if (store == null) {
            return found;
        }
        for (int shard = 0; shard < Shards.COUNT; shard++) {
            if (shards.test(shard)) {
                store.keys(shard).forEach(key -> found.add(handle(key)));
            }
        }
        return found;
    }

    @Override
    public boolean isInDoubt() {
        var store = opened;
        return store != null && !store.doubts().isEmpty();
    }

    @Override
    public void assigned(TopicPartition partition, Position acknowledged) {
        if (isInDoubt()) {
            store().doubts().assigned(partition, at -> at.compareTo(acknowledged) <= 0);
        }
    }

    @Override
    public List<Parking.Parked> confirmed(IntPredicate shards) {
        return store().doubts().confirm(shards).stream().map(this::handle).toList();
    }

    @Override
    public Parking.@Nullable Parked arrives(Envelope event) {
        var key = store().doubts().arrives(event, clock.millis());
        return key == null ? null : handle(key);
    }

    private Parking.Parked handle(ParkedKey key) {
        return new Handle(key, "letter " + key.head());
    }

    @Override
    public Parking.Parked park(Envelope head, Failure failure) {
        long now = clock.millis();
        var letter = store().append(head, now);
        note(letter.index());
        var parked = new Handle(letter.key(), head.toString());
        boolean isAnothers = !letter.key().name().equals(KeyName.of(head).name());
        if (!isAnothers && letter.letter() == letter.key().head()) {
            record(letter.key(), after(letter.key().state(), failure, now));
        }
        return parked;
    }

    /** A head whose state is not on record has an attempt more after a restart; it is parked all the same. */
    private void record(ParkedKey key, HeadState state) {
        try {
            note(store().record(key, state));
        } catch (OutboxException refused) {
            LOG.warn("how it stands with a parked head could not be put down: {}", refused.getMessage());
        }
    }

    @Override
    public void append(Parking.Parked key, Envelope event) {
        note(store().append(event, clock.millis()).index());
    }

    @Override
    public boolean contains(Parking.Parked key, Envelope event) {
        return store().contains(event);
    }

    @Override
    public boolean isFull() {
        var store = opened;
        return store != null && store.isFull();
    }

    @Override
    public boolean isOf(Parking.Parked key, TopicPartition partition) {
        throw new AssertionError("what is parked on this disk stays, whatever partitions come and go");
    }

    @Override
    public boolean isForced(Envelope event) {
        return true;
    }

    @Override
    public void force() {
        store().force(appended.get());
    }

    @Override
    public @Nullable Envelope head(Parking.Parked key) {
        var handle = (Handle) key;
        ParkedEvent event;
        try {
            event = store().readHead(handle.key);
        } catch (LetterDamagedException lost) {
            LOG.debug("{}", lost.getMessage());
            return null;
        }
        var envelope = event.envelope(reader, handle.key.state().redrives() > 0);
        handle.headText = envelope.toString();
        return envelope;
    }

    @Override
    public void failed(Parking.Parked key, Failure failure) {
        var parked = ((Handle) key).key;
        note(store().record(parked, after(parked.state(), failure, clock.millis())));
        onNoted.accept(this);
    }

    @Override
    public void lost(Parking.Parked key) {
        var parked = ((Handle) key).key;
        note(store().record(parked, parked.state().lost(clock.millis())));
        onNoted.accept(this);
    }

    @Override
    public boolean close(Parking.Parked key, End end) {
        var handle = (Handle) key;
        if (handle.key.size() == 1) {
            store().forced().closeHead(handle.key, closing(end), clock.millis());
            return false;
        }
        note(store().closeHead(handle.key, closing(end), clock.millis()));
        onNoted.accept(this);
        handle.headText = "letter " + handle.key.head();
        return true;
    }

    @Override
    public boolean isDeadHead(Parking.Parked key, long letter) {
        return store().isDeadHead(((Handle) key).key, letter);
    }

    @Override
    public void redrive(Parking.Parked key) {
        var parked = ((Handle) key).key;
        try {
            store().readHead(parked);
        } catch (LetterDamagedException lost) { // it would be dead again at once, and nobody told why
            lost(key);
            throw lost;
        }
        store().forced().record(parked, parked.state().redriven(clock.millis()));
    }

    @Override
    public boolean skip(Parking.Parked key, String who, String why) {
        var handle = (Handle) key;
        store().forced().closeHead(handle.key, Closing.skipped(who, why), clock.millis());
        handle.headText = "letter " + handle.key.head();
        return !handle.key.isEmpty();
    }

    @Override
    public int drop(Parking.Parked key, String who, String why) {
        var parked = ((Handle) key).key;
        return store().forced().closeAll(parked, Closing.dropped(who, why), clock.millis());
    }

    /** The store, null if nothing was ever parked. Any thread. */
    public @Nullable ParkStore storeIfAny() {
        return opened;
    }

    private static Closing closing(End end) {
        return switch (end) {
            case DONE -> Closing.DONE;
            case STALE -> STALE;
        };
    }

    private void note(long index) {
        appended.accumulateAndGet(index, Math::max);
    }

    private static HeadState after(HeadState before, Failure failure, long now) {
        return failure.isDead()
                ? before.dead(failure.attempts(), failure.code(), failure.detail(), now)
                : before.failed(
                        failure.attempts(),
                        failure.code(),
                        failure.detail(),
                        now,
                        TimeUnit.NANOSECONDS.toMillis(failure.dueInNanos()));
    }

    /** A parked key in the hands of its lane. */
    private final class Handle implements Parking.Parked {

        private final ParkedKey key;
        private volatile String headText; // shown to people from any thread

        Handle(ParkedKey key, String headText) {
            this.key = key;
            this.headText = headText;
        }

        @Override
        public String topic() {
            return key.topic();
        }

        @Override
        public String key() {
            return key.name();
        }

        @Override
        public String headText() {
            return headText;
        }

        @Override
        public Failure failure() {
            var state = key.state();
            long wait = state.waitMillis(clock.millis());
            return new Failure(
                    state.attempts(),
                    state.code(),
                    state.detail(),
                    wait == HeadState.NEVER ? Failure.NEVER : TimeUnit.MILLISECONDS.toNanos(wait));
        }

        @Override
        public int size() {
            return key.size();
        }
    }
}
