package dev.syncline.runtime.internal.inbox;

import dev.syncline.api.EventType;
import dev.syncline.runtime.internal.inbox.GuardStore.Answer;
import dev.syncline.runtime.internal.table.KeyedHash;
import dev.syncline.runtime.internal.table.Stamps;
import dev.syncline.runtime.internal.table.Table;

/**
 * The guard of one shard: the newest version applied per (origin, topic, key), and whether it was a delete.
 *
 * <table>
 * <caption>What becomes of an event, n being the newest version applied of its entity by its origin</caption>
 * <tr><th>event</th><th>answer</th><th>once applied</th></tr>
 * <tr><td>none applied yet</td><td>APPLY</td><td>its version is n; a DELETE leaves a tombstone</td></tr>
 * <tr><td>STATE below n</td><td>STALE</td><td></td></tr>
 * <tr><td>STATE n</td><td>APPLY; STALE if n was a delete</td><td>nothing changes</td></tr>
 * <tr><td>STATE above n</td><td>APPLY</td><td>its version is n, a tombstone is gone: the entity was made anew</td></tr>
 * <tr><td>DELETE below n</td><td>STALE</td><td></td></tr>
 * <tr><td>DELETE n or above</td><td>APPLY</td><td>its version is n, with a tombstone</td></tr>
 * <tr><td>DELTA</td><td>APPLY</td><td>nothing changes</td></tr>
 * <tr><td>STATE without version</td><td>APPLY</td><td>nothing changes, a tombstone stays</td></tr>
 * <tr><td>DELETE without version</td><td>APPLY</td><td>a tombstone at n, if there is an n</td></tr>
 * </table>
 *
 * <p>A DELTA does not raise n: n says which state the target has been given whole, and a delta gives none. It may find a
 * tombstone and is handed on all the same: what it means then, only the handler knows. A DELETE without version is taken
 * for as new as n, the best that is known: a state up to n that comes late does not bring the entity back, a later one
 * does.
 *
 * <p>The first half of an entry's key stands for topic and key, the second for origin, too: entries of two origins are
 * siblings, so that the second one is noticed. More than sixteen origins of one entity push out the oldest.
 *
 * <p>Threading: one thread at a time, the lane that owns the shard.
 */
final class ShardGuard {

    private final Table table;
    private final StampClock clock;
    private final InboxAlarms alarms;
    private final KeyedHash hash = new KeyedHash();
    private long high;
    private long low;

    ShardGuard(Table table, StampClock clock, InboxAlarms alarms) {
        this.table = table;
        this.clock = clock;
        this.alarms = alarms;
    }

    Answer check(EntityChange change) {
        if (change.kind() == EventType.Kind.DELTA
                || change.version() == EntityChange.NO_VERSION
                || change.key().isEmpty()) {
            return Answer.APPLY;
        }
        int entry = find(change);
        if (entry == Table.ABSENT || change.version() > table.value(entry)) {
            return Answer.APPLY;
        }
        boolean isEqual = change.version() == table.value(entry);
        boolean isRevival = change.kind() == EventType.Kind.STATE && Stamps.isFlagged(table.mark(entry));
        return isEqual && !isRevival ? Answer.APPLY : Answer.STALE;
    }

    void mark(EntityChange change) {
        if (change.kind() == EventType.Kind.DELTA || change.key().isEmpty()) {
            return;
        }
        boolean isDelete = change.kind() == EventType.Kind.DELETE;
        int entry = find(change);
        if (entry == Table.ABSENT) {
            if (change.version() != EntityChange.NO_VERSION) {
                boolean isSecond = table.hasSibling(high, low);
                put(change.version(), isDelete);
                if (isSecond) {
                    alarms.onSecondOrigin(change.topic(), change.key(), change.origin());
                }
            }
            return;
        }
        long newest = table.value(entry);
        if (change.version() > newest) {
            put(change.version(), isDelete);
        } else if (isDelete
                && !Stamps.isFlagged(table.mark(entry))
                && (change.version() == newest || change.version() == EntityChange.NO_VERSION)) {
            put(newest, true);
        }
    }

    private int find(EntityChange change) {
        hash.begin().put(change.origin()).end(table.hashKey0(), table.hashKey1());
        long origin = hash.high();
        hash.begin().put(change.topic()).put(change.key()).end(table.hashKey0(), table.hashKey1());
        high = hash.high();
        low = hash.low() ^ origin;
        return table.find(high, low);
    }

    private void put(long version, boolean isDelete) {
        table.put(high, low, version, Stamps.of(clock.epochSecond(), isDelete));
    }
}
