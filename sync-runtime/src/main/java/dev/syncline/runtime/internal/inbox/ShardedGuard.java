package dev.syncline.runtime.internal.inbox;

import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.keys.Shards;
import dev.syncline.runtime.internal.table.HeapTable;
import dev.syncline.runtime.internal.table.SlotBudget;
import dev.syncline.runtime.internal.table.Stamps;
import dev.syncline.runtime.internal.table.Table;
import dev.syncline.runtime.internal.table.TableUse;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * The guard of a handler in one process, split by shard so that a lane is the only user of what it touches. Answers
 * before each call returns.
 *
 * <p>Threading: changes of one shard by one thread at a time.
 */
public final class ShardedGuard implements GuardStore {

    /** Of the guard's files. */
    private static final int GUARD = 3;

    private final ShardGuard[] shards = new ShardGuard[Shards.COUNT];
    private volatile boolean isClosed;

    private ShardedGuard(Table[] tables, StampClock clock, InboxAlarms alarms) {
        for (int shard = 0; shard < Shards.COUNT; shard++) {
            shards[shard] = new ShardGuard(tables[shard], clock, alarms);
        }
    }

    /**
     * Opens the guard of a handler, in tables that survive kill -9.
     *
     * @throws OutboxException if a newer release wrote it, or the disk fails
     */
    public static ShardedGuard open(
            InboxTables directory,
            String handler,
            InboxSettings settings,
            InstantSource wall,
            LongSupplier nanoTime,
            InboxAlarms alarms) {
        var clock = new StampClock(wall, nanoTime);
        long retention = settings.tombstoneRetention().toSeconds();
        var use = new TableUse(
                "guard",
                GUARD,
                false,
                mark -> Stamps.isFlagged(mark) && Stamps.isOlder(mark, retention, clock.epochSecond()),
                SlotBudget.unlimited());
        return new ShardedGuard(directory.open(handler, use, alarms), clock, alarms);
    }

    /** A guard on the heap by the same rules, for simulation: it survives what this object survives, and forgets nothing. */
    public static ShardedGuard inMemory(InstantSource wall, LongSupplier nanoTime, InboxAlarms alarms) {
        var tables = Stream.generate(() -> new HeapTable(Integer.MAX_VALUE))
                .limit(Shards.COUNT)
                .toArray(Table[]::new);
        return new ShardedGuard(tables, new StampClock(wall, nanoTime), alarms);
    }

    /** Asks about one change. */
    public Answer check(EntityChange change) {
        return shard(change).check(change);
    }

    /** Says that one change is applied; see {@link GuardStore#mark}. */
    public void mark(EntityChange change) {
        shard(change).mark(change);
    }

    @Override
    public void check(List<EntityChange> changes, Checked answer) {
        var answers = new ArrayList<Answer>(changes.size());
        for (var change : changes) {
            answers.add(check(change));
        }
        answer.onChecked(changes, answers);
    }

    @Override
    public void mark(List<EntityChange> changes, Marked answer) {
        try {
            changes.forEach(this::mark);
        } catch (OutboxException failure) {
            answer.onFailure(changes, failure);
            return;
        }
        answer.onMarked(changes);
    }

    private ShardGuard shard(EntityChange change) {
        if (isClosed) {
            throw new IllegalStateException("the guard is closed");
        }
        return shards[change.shard()];
    }

    @Override
    public void close() {
        isClosed = true;
    }
}
