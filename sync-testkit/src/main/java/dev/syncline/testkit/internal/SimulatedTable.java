package dev.syncline.testkit.internal;

import dev.syncline.runtime.internal.table.HeapTable;
import dev.syncline.runtime.internal.table.Table;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A table on a simulated disk. The end of a process takes nothing of it; a power failure may take any of the entries of
 * late, which the real one does not force either: then the one before is there, or none if the slot was half written.
 */
final class SimulatedTable {

    /** Entries that the kernel may not have written yet. */
    private static final int AT_RISK = 16;

    private record Put(long high, long low, long value, int mark) {}

    private final String name;
    private final List<Put> puts = new ArrayList<>(0);
    private HeapTable kept = EMPTY;

    /** For the many that stay empty; nothing is ever put into it. */
    private static final HeapTable EMPTY = new HeapTable(Integer.MAX_VALUE);

    SimulatedTable(String name) {
        this.name = name;
    }

    Table open(Life life) {
        return new Opened(life);
    }

    /**
     * Takes some of the entries of late.
     *
     * @param areTorn whether an entry may be half written, so that what it replaced is gone, too, and the whole file if it
     *     is young
     */
    int losePower(RandomGenerator random, boolean areTorn) {
        int lost = 0;
        for (int i = puts.size() - 1, end = Math.max(0, puts.size() - AT_RISK); i >= end; i--) {
            if (random.nextInt(4) == 0) {
                var put = puts.remove(i);
                lost++;
                if (areTorn && random.nextBoolean()) {
                    int before = removeBefore(i, put);
                    lost += before;
                    i -= before;
                }
            }
        }
        if (areTorn && !puts.isEmpty() && puts.size() < AT_RISK && random.nextInt(8) == 0) {
            lost += puts.size();
            puts.clear();
        }
        if (lost > 0) {
            kept = new HeapTable(Integer.MAX_VALUE);
            puts.forEach(put -> kept.put(put.high, put.low, put.value, put.mark));
        }
        return lost;
    }

    private int removeBefore(int end, Put torn) {
        int before = puts.size();
        puts.subList(0, end).removeIf(put -> put.high == torn.high && put.low == torn.low);
        return before - puts.size();
    }

    private final class Opened implements Table {

        private final Life life;
        private final BitSet noted = new BitSet();

        Opened(Life life) {
            this.life = life;
        }

        @Override
        public long hashKey0() {
            return kept.hashKey0();
        }

        @Override
        public long hashKey1() {
            return kept.hashKey1();
        }

        @Override
        public int find(long high, long low) {
            return kept.find(high, low);
        }

        @Override
        public long value(int entry) {
            return kept.value(entry);
        }

        @Override
        public int mark(int entry) {
            return kept.mark(entry);
        }

        @Override
        @SuppressWarnings("ReferenceEquality") // the shared empty one
        public void put(long high, long low, long value, int mark) {
            life.touch(name + ".put", () -> {
                if (kept == EMPTY) {
                    kept = new HeapTable(Integer.MAX_VALUE);
                }
                puts.add(new Put(high, low, value, mark));
                kept.put(high, low, value, mark);
            });
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
            return kept.hasSibling(high, low);
        }

        @Override
        public int size() {
            return kept.size();
        }

        @Override
        public int evictedUpTo() {
            return kept.evictedUpTo();
        }
    }
}
