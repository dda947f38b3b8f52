package dev.syncline.runtime.internal.table;

import java.util.function.IntPredicate;

/**
 * Where entries stand in a table's file: in pages of 128 slots. The first half of an entry's key names its page and the
 * slot at which to begin; the entry is in the first slot that was free from there on, around the page's end. A slot once
 * taken is never emptied, only taken over; so a search ends at the first empty slot, or after the whole page.
 *
 * <p>A search stays within one page of the machine: at 10 million entries it is the page that costs, more than the slots
 * on it. At 60 % a new key is told from four slots; a page overflows at 75 % once in two thousand, and a full one gives
 * up the oldest of its 128 entries, which is nearly the oldest of all.
 *
 * <pre>
 * slot, 32 bytes; numbers are little-endian
 *      0   low       i64
 *      8   value     i64
 *     16   high      i64   0 = empty
 *     24   mark      u32   low half of the word
 *     28   check     u32   of what is before it, keyed; never 0
 * </pre>
 *
 * <p>Threading: one thread at a time.
 */
final class Slots {

    static final int SLOT_BYTES = 32;

    /** Slots of a page of 4,096 bytes. */
    static final int PAGE = 128;

    private static final int VALUE = 8;
    private static final int HIGH = 16;
    private static final int LAST = 24;

    private static final int NONE = -1;

    private final Region region;
    private final int base;
    private final int count;
    private final int pageMask;
    private final long checkKey;

    /**
     * Slots of a region.
     *
     * @param base where the first begins
     * @param count a power of two, at least {@link #PAGE}
     */
    Slots(Region region, int base, int count, long checkKey) {
        this.region = region;
        this.base = base;
        this.count = count;
        this.pageMask = count / PAGE - 1;
        this.checkKey = checkKey;
    }

    /** The key's first half as it is stored: anything but 0. */
    static long stored(long high) {
        return high == 0 ? 1 : high;
    }

    int count() {
        return count;
    }

    /** The slot of a whole entry, or -1. */
    int find(long high, long low) {
        int page = page(high);
        int start = start(high);
        for (int i = 0; i < PAGE; i++) {
            int slot = page + ((start + i) & (PAGE - 1));
            int at = at(slot);
            long found = region.get(at + HIGH);
            if (found == high && region.get(at) == low && isWhole(slot)) {
                return slot;
            }
            if (found == 0) {
                break;
            }
        }
        return NONE;
    }

    /** Whether a whole entry has this first half of the key and another second half. */
    boolean hasSibling(long high, long low) {
        int page = page(high);
        int start = start(high);
        for (int i = 0; i < PAGE; i++) {
            int slot = page + ((start + i) & (PAGE - 1));
            long found = high(slot);
            if (found == high && low(slot) != low && isWhole(slot)) {
                return true;
            }
            if (found == 0) {
                break;
            }
        }
        return false;
    }

    /** The empty slot for an entry that is not there; -1 if the page is full. */
    int empty(long high) {
        int page = page(high);
        int start = start(high);
        for (int i = 0; i < PAGE; i++) {
            int slot = page + ((start + i) & (PAGE - 1));
            if (isEmpty(slot)) {
                return slot;
            }
        }
        return NONE;
    }

    /** On the key's full page a slot whose entry is torn or due; -1 if none is. */
    int reusable(long high, IntPredicate isDue) {
        int page = page(high);
        for (int slot = page; slot < page + PAGE; slot++) {
            if (!isWhole(slot) || isDue.test(mark(slot))) {
                return slot;
            }
        }
        return NONE;
    }

    /** On the key's full page the slot whose entry is oldest by its stamp. */
    int oldest(long high) {
        int page = page(high);
        int oldest = page;
        for (int slot = page + 1; slot < page + PAGE; slot++) {
            if (Stamps.stamp(mark(slot)) < Stamps.stamp(mark(oldest))) {
                oldest = slot;
            }
        }
        return oldest;
    }

    boolean isEmpty(int slot) {
        return region.get(at(slot) + HIGH) == 0;
    }

    /** Whether the slot has an entry whose check fits. */
    boolean isWhole(int slot) {
        long last = region.get(at(slot) + LAST);
        return !isEmpty(slot) && (int) (last >>> 32) == check(high(slot), low(slot), value(slot), (int) last);
    }

    long high(int slot) {
        return region.get(at(slot) + HIGH);
    }

    long low(int slot) {
        return region.get(at(slot));
    }

    long value(int slot) {
        return region.get(at(slot) + VALUE);
    }

    int mark(int slot) {
        return (int) region.get(at(slot) + LAST);
    }

    /** Stores an entry, its check last; in between it is torn, or still empty. */
    void write(int slot, long high, long low, long value, int mark) {
        int at = at(slot);
        region.set(at, low);
        region.set(at + VALUE, value);
        region.set(at + HIGH, high);
        region.set(at + LAST, last(high, low, value, mark));
    }

    private long last(long high, long low, long value, int mark) {
        return ((long) check(high, low, value, mark) << 32) | (mark & 0xffff_ffffL);
    }

    /** How many slots are not empty. */
    int used() {
        int used = 0;
        for (int slot = 0; slot < count; slot++) {
            used += isEmpty(slot) ? 0 : 1;
        }
        return used;
    }

    /** How many entries are whole and not due. */
    int live(IntPredicate isDue) {
        int live = 0;
        for (int slot = 0; slot < count; slot++) {
            live += isWhole(slot) && !isDue.test(mark(slot)) ? 1 : 0;
        }
        return live;
    }

    /** First slot of the key's page. */
    private int page(long high) {
        return ((int) high & pageMask) * PAGE;
    }

    /** Where on its page the key's search begins. */
    private static int start(long high) {
        return (int) (high >>> 32) & (PAGE - 1);
    }

    private int at(int slot) {
        return base + slot * SLOT_BYTES;
    }

    /** One word changed always changes the mixed 64 bits; of damage one in 2^32 passes. */
    private int check(long high, long low, long value, int mark) {
        long h = mix(checkKey ^ high);
        h = mix(h ^ low);
        h = mix(h ^ value);
        h = mix(h ^ mark);
        int check = (int) (h >>> 32);
        return check == 0 ? 1 : check;
    }

    /** A bijection of 64 bits whose every output bit hangs on every input bit (Stafford's variant 13). */
    static long mix(long word) {
        long h = word;
        h = (h ^ (h >>> 30)) * 0xbf58476d1ce4e5b9L;
        h = (h ^ (h >>> 27)) * 0x94d049bb133111ebL;
        return h ^ (h >>> 31);
    }
}
