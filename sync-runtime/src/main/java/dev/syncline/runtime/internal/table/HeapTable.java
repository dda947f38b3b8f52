package dev.syncline.runtime.internal.table;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;

/**
 * A table on the heap, for simulation: what is put survives as long as the object does. Hashed with a fixed key, so that
 * equal runs are equal. Where it may forget, the oldest entry makes room.
 *
 * <p>Threading: as {@link Table} says.
 */
public final class HeapTable implements Table {

    private final int maxEntries;
    private final Map<Key, Integer> entries = new HashMap<>();
    private final Map<Long, Integer> highs = new HashMap<>();
    private final Queue<Key> oldest = new ArrayDeque<>();
    private final List<Row> rows = new ArrayList<>();
    private final BitSet noted = new BitSet();
    private volatile int evictedUpTo;

    /**
     * Makes an empty one.
     *
     * @param maxEntries the oldest makes room for one more; {@code Integer.MAX_VALUE} for a table that never forgets
     */
    public HeapTable(int maxEntries) {
        this.maxEntries = maxEntries;
    }

    @Override
    public long hashKey0() {
        return 0x0706050403020100L;
    }

    @Override
    public long hashKey1() {
        return 0x0f0e0d0c0b0a0908L;
    }

    @Override
    public int find(long high, long low) {
        return entries.getOrDefault(new Key(high, low), ABSENT);
    }

    @Override
    public long value(int entry) {
        return rows.get(entry).value;
    }

    @Override
    public int mark(int entry) {
        return rows.get(entry).mark;
    }

    @Override
    public void put(long high, long low, long value, int mark) {
        var key = new Key(high, low);
        var row = new Row(value, mark);
        var entry = entries.get(key);
        if (entry != null) {
            rows.set(entry, row);
        } else if (entries.size() < maxEntries) {
            insert(key, rows.size());
            rows.add(row);
        } else {
            var gone = oldest.remove();
            int freed = find(gone.high, gone.low);
            entries.remove(gone);
            highs.computeIfPresent(gone.high, (half, count) -> count == 1 ? null : count - 1);
            evictedUpTo = Math.max(evictedUpTo, Stamps.stamp(rows.get(freed).mark));
            insert(key, freed);
            rows.set(freed, row);
            noted.clear(freed);
        }
    }

    private void insert(Key key, int entry) {
        entries.put(key, entry);
        highs.merge(key.high, 1, Integer::sum);
        oldest.add(key);
    }

    @Override
    public void note(int entry) {
        noted.set(entry);
    }

    @Override
    public boolean isNoted(int entry) {
        return noted.get(entry);
    }

    @Override
    public boolean hasSibling(long high, long low) {
        return highs.getOrDefault(high, 0) > (find(high, low) == ABSENT ? 0 : 1);
    }

    @Override
    public int size() {
        return entries.size();
    }

    @Override
    public int evictedUpTo() {
        return evictedUpTo;
    }

    private record Key(long high, long low) {}

    private record Row(long value, int mark) {}
}
