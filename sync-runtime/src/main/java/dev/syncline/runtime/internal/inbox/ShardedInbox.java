package dev.syncline.runtime.internal.inbox;

import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.keys.Shards;
import dev.syncline.runtime.internal.table.HeapTable;
import dev.syncline.runtime.internal.table.KeyedHash;
import dev.syncline.runtime.internal.table.MappedTable;
import dev.syncline.runtime.internal.table.SlotBudget;
import dev.syncline.runtime.internal.table.Stamps;
import dev.syncline.runtime.internal.table.Table;
import dev.syncline.runtime.internal.table.TableUse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * The inbox of a handler in one process, split by shard so that a lane is the only user of what it touches. Answers
 * before each call returns.
 *
 * <p>Threading: events of one shard by one thread at a time; {@link #horizon} any.
 */
public final class ShardedInbox implements InboxStore {

    /** Of the sequence tables' and the ids' files. */
    private static final int SEQUENCE = 1;

    private static final int IDS = 2;

    /** Room in which a table of ids, which doubles, holds as many as are promised. */
    private static final int SLOTS_PER_ID = 2;

    private final ShardInbox[] shards = new ShardInbox[Shards.COUNT];
    private final Table[] ids;
    private final InboxSettings settings;
    private final StampClock clock;
    private volatile boolean isClosed;

    private ShardedInbox(Table[] sequences, Table[] ids, InboxSettings settings, StampClock clock) {
        this.ids = ids;
        this.settings = settings;
        this.clock = clock;
        for (int shard = 0; shard < Shards.COUNT; shard++) {
            shards[shard] = new ShardInbox(sequences[shard], ids[shard], clock, settings.isOrderedByLog());
        }
    }

    /**
     * Opens the inbox of a handler, in tables that survive kill -9.
     *
     * @throws OutboxException if a newer release wrote it, or the disk fails
     */
    public static ShardedInbox open(
            InboxTables directory,
            String handler,
            InboxSettings settings,
            InstantSource wall,
            LongSupplier nanoTime,
            InboxAlarms alarms) {
        var clock = new StampClock(wall, nanoTime);
        var sequence = new TableUse("sequence", SEQUENCE, false, mark -> false, SlotBudget.unlimited());
        long retention = settings.idRetention().toSeconds();
        var ids = new TableUse(
                "ids",
                IDS,
                true,
                mark -> Stamps.isOlder(mark, retention, clock.epochSecond()),
                new SlotBudget(SLOTS_PER_ID * settings.maxIds()));
        return new ShardedInbox(
                directory.open(handler, sequence, alarms), directory.open(handler, ids, alarms), settings, clock);
    }

    /** An inbox on the heap by the same rules, for simulation: it survives what this object survives. */
    public static ShardedInbox inMemory(InboxSettings settings, InstantSource wall, LongSupplier nanoTime) {
        int idsPerShard = (int) Math.max(1, Math.min(Integer.MAX_VALUE, settings.maxIds() / Shards.COUNT));
        return new ShardedInbox(heap(Integer.MAX_VALUE), heap(idsPerShard), settings, new StampClock(wall, nanoTime));
    }

    private static Table[] heap(int maxEntries) {
        return Stream.generate(() -> new HeapTable(maxEntries))
                .limit(Shards.COUNT)
                .toArray(Table[]::new);
    }

    /** Asks about one event. */
    public Seen check(Envelope event) {
        return shard(event).check(event);
    }

    /** Says that the handler is done with one event; see {@link InboxStore#mark}. */
    public void mark(Envelope event) {
        shard(event).mark(event);
    }

    /** Of what an event says, for {@link #markAgain}. Any thread. */
    long digest(Envelope event) {
        return ShardInbox.digest(new KeyedHash(), ids[event.shard()], event);
    }

    /** Which keys {@link #digest} is made with. Any thread. */
    long digestKeys(Envelope event) {
        return ids[event.shard()].hashKey0() ^ ids[event.shard()].hashKey1();
    }

    /**
     * As {@link #mark}, of an event that is known by its mark only. A foreign event whose digest was made for a table that
     * is there no more is left out: its repeat would look like another event under its id.
     */
    void markAgain(Envelope event, long digest, long keys) {
        if (keys == digestKeys(event) || !event.message().attribute("outboxseq").isEmpty()) {
            shard(event).mark(event, digest);
        }
    }

    @Override
    public void check(List<Envelope> events, Checked answer) {
        var seen = new ArrayList<Seen>(events.size());
        for (var event : events) {
            seen.add(check(event));
        }
        answer.onChecked(events, seen);
    }

    @Override
    public void mark(List<Envelope> events, Marked answer) {
        try {
            events.forEach(this::mark);
        } catch (OutboxException failure) {
            answer.onFailure(events, failure);
            return;
        }
        answer.onMarked(events);
    }

    private ShardInbox shard(Envelope event) {
        if (isClosed) {
            throw new IllegalStateException("the inbox is closed");
        }
        return shards[event.shard()];
    }

    @Override
    public Duration horizon() {
        int evicted = 0;
        for (var table : ids) {
            evicted = Math.max(evicted, table.evictedUpTo());
        }
        if (evicted == 0) {
            return settings.idRetention();
        }
        var age = Stamps.age(evicted, clock.epochSecond());
        return age.compareTo(settings.idRetention()) < 0 ? age : settings.idRetention();
    }

    /** Bytes of the tables of ids; 0 on the heap. Not while it is used. */
    public long idBytes() {
        long bytes = 0;
        for (var table : ids) {
            bytes += table instanceof MappedTable mapped ? mapped.bytes() : 0;
        }
        return bytes;
    }

    /** Ids that are remembered. Not while it is used. */
    public long idCount() {
        return Stream.of(ids).mapToLong(Table::size).sum();
    }

    @Override
    public void close() {
        isClosed = true;
    }
}
