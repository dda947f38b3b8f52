package dev.syncline.runtime.internal.table;

import java.util.Arrays;
import java.util.BitSet;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Where entries are found in a table's file, and where they stand. They are found by slots, in pages of 128: each slot has a
 * tag of one byte and the number of the place where its entry stands. The first half of an entry's key names its page, its
 * tag, and the group of eight slots at which to begin; the entry is in the first slot that was free from there on, around the
 * page's end. A search compares the eight tags of a group at once (as in the tables of Abseil and Folly) and ends at the
 * first group with a slot that was never taken, or after the whole page.
 *
 * <p>Entries stand in the order in which they came: a slot that is taken for the first time gets the first place that no
 * slot has, and keeps it. So new entries are stored side by side, on few pages of the machine, whatever their keys are. There
 * are as many places as slots. A slot once taken is never emptied; its entry can be given up, and then the slot be taken
 * again.
 *
 * <p>Tags and places of sixteen slots fill a line of 64 bytes, which is what a processor fetches at once; an eighth of what
 * the entries take.
 *
 * <pre>
 * line, for 16 slots; numbers are little-endian
 *      0   tags      16 x u8    0 = never taken, 1 = given up, else of the entry's key
 *     16   places    16 x u24   in 32 bytes from the first place on
 * entry, 32 bytes
 *      0   low       i64
 *      8   value     i64
 *     16   high      i64
 *     24   mark      u32   low half of the word
 *     28   check     u32   of what is before it, keyed
 * </pre>
 *
 * <p>An entry is there when its tag is: the tag is stored last, and an entry that is given up loses it first. Which places no
 * slot has is nowhere stored, so that it is right whatever a kill or a power failure left. After a power failure lines and
 * entries may be of different times; then the key, or the check, of the entry does not fit.
 *
 * <p>Threading: one thread at a time.
 */
final class Slots {

    static final int ENTRY_BYTES = 32;

    static final int LINE_BYTES = 64;

    /** Slots of a line. */
    static final int LINE = 16;

    /** Slots of a page, which is eight lines. */
    static final int PAGE = 128;

    /** The most whose places have a number of 24 bits. */
    static final int MAX_COUNT = 1 << 24;

    /** Of a full page so many make room at once: looking for the oldest goes through the whole page. */
    static final int GIVEN_UP_AT_ONCE = PAGE / 8;

    private static final int NONE = -1;

    private static final int VALUE = 8;
    private static final int HIGH = 16;
    private static final int LAST = 24;

    private static final int NEVER_TAKEN = 0;
    private static final int GIVEN_UP = 1;

    private static final int PLACES = 16;
    private static final int PLACE_BITS = 24;
    private static final long PLACE_MASK = (1 << PLACE_BITS) - 1;

    private static final int GROUP = 8;
    private static final int GROUPS = PAGE / GROUP;
    private static final long ONES = 0x0101010101010101L;
    private static final long TOPS = 0x8080808080808080L;

    private final Region region;
    private final int lines;
    private final int base;
    private final int count;
    private final int pageMask;
    private final long checkKey;

    /** Places that slots had when they were counted; null until then. */
    private @Nullable BitSet given;

    /** From here on each place is free that is not {@link #given}. */
    private int nextPlace;

    /**
     * Slots of a region.
     *
     * @param lines where the first line is, a multiple of a page's 512 bytes, so that no sector has half a page's
     * @param base where the first place begins
     * @param count a power of two, at least {@link #PAGE}, at most {@link #MAX_COUNT}
     * @param areEmpty whether none was taken yet
     */
    Slots(Region region, int lines, int base, int count, long checkKey, boolean areEmpty) {
        this.region = region;
        this.lines = lines;
        this.base = base;
        this.count = count;
        this.pageMask = count / PAGE - 1;
        this.checkKey = checkKey;
        this.given = areEmpty ? new BitSet() : null;
    }

    int count() {
        return count;
    }

    // --- searching

    /** The slot of a whole entry, or -1. */
    int find(long high, long low) {
        int page = page(high);
        long tag = tag(high) * ONES;
        for (int i = 0, group = group(high); i < GROUPS; i++, group = (group + 1) & (GROUPS - 1)) {
            int first = page + group * GROUP;
            long word = word(first);
            for (long hits = zeros(word ^ tag); hits != 0; hits &= hits - 1) {
                int slot = first + byteOf(hits);
                int at = at(slot);
                if (region.get(at + HIGH) == high && region.get(at) == low && isWholeAt(at)) {
                    return slot;
                }
            }
            if (zeros(word) != 0) {
                break;
            }
        }
        return NONE;
    }

    /** Whether a whole entry has this first half of the key and another second half. */
    boolean hasSibling(long high, long low) {
        int page = page(high);
        long tag = tag(high) * ONES;
        for (int i = 0, group = group(high); i < GROUPS; i++, group = (group + 1) & (GROUPS - 1)) {
            int first = page + group * GROUP;
            long word = word(first);
            for (long hits = zeros(word ^ tag); hits != 0; hits &= hits - 1) {
                int slot = first + byteOf(hits);
                if (high(slot) == high && low(slot) != low && isWhole(slot)) {
                    return true;
                }
            }
            if (zeros(word) != 0) {
                break;
            }
        }
        return false;
    }

    /** The slot for an entry that is not there; -1 if all of its page are taken. */
    int free(long high) {
        int page = page(high);
        for (int i = 0, group = group(high); i < GROUPS; i++, group = (group + 1) & (GROUPS - 1)) {
            long word = word(page + group * GROUP);
            long free = zeros(word) | zeros(word ^ ONES * GIVEN_UP);
            if (free != 0) {
                return page + group * GROUP + byteOf(free);
            }
        }
        return NONE;
    }

    /** Each byte that is zero has its top bit set; so may have one that is 1 and above such a byte. */
    private static long zeros(long word) {
        return (word - ONES) & ~word & TOPS;
    }

    /** Which of the eight bytes has the lowest bit; that one is never a mistake of {@link #zeros}. */
    private static int byteOf(long hits) {
        return Long.numberOfTrailingZeros(hits) >>> 3;
    }

    // --- entries

    /** Whether an entry was put in the slot and not given up; it may be torn. */
    boolean isTaken(int slot) {
        return tagOf(slot) > GIVEN_UP;
    }

    /** Whether an entry with such a key was put in the slot; it may be torn. */
    boolean isTakenBy(int slot, long high) {
        return tagOf(slot) == tag(high);
    }

    /** Whether what is in the slot fits its check. */
    boolean isWhole(int slot) {
        return isWholeAt(at(slot));
    }

    private boolean isWholeAt(int at) {
        long last = region.get(at + LAST);
        return (int) (last >>> 32) == check(region.get(at + HIGH), region.get(at), region.get(at + VALUE), (int) last);
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

    /** Puts an entry into a slot that is free; until its tag is stored, which is last, it is not there. */
    void put(int slot, long high, long low, long value, int mark) {
        if (tagOf(slot) == NEVER_TAKEN) {
            setPlace(slot, freePlace());
        }
        write(slot, high, low, value, mark);
        setTag(slot, tag(high));
    }

    /** There is one for each slot that was never taken. */
    private int freePlace() {
        var before = given;
        if (before == null) {
            before = given = givenPlaces();
        }
        int place = before.nextClearBit(nextPlace);
        nextPlace = place + 1;
        return place;
    }

    private BitSet givenPlaces() {
        var places = new BitSet(count);
        for (int slot = 0; slot < count; slot += GROUP) {
            long word = word(slot);
            long taken = (((word & ~TOPS) + ~TOPS) | word) & TOPS; // all bytes but zeros, without a mistake
            for (; taken != 0; taken &= taken - 1) {
                places.set(place(slot + byteOf(taken)));
            }
        }
        return places;
    }

    /** Stores what is in a slot, its check last; in between it is torn. */
    void write(int slot, long high, long low, long value, int mark) {
        int at = at(slot);
        region.set(at, low);
        region.set(at + VALUE, value);
        region.set(at + HIGH, high);
        region.set(at + LAST, (long) check(high, low, value, mark) << 32 | (mark & 0xffff_ffffL));
    }

    // --- making room

    /**
     * On the key's full page gives up what is torn or due.
     *
     * @return how many
     */
    int giveUpDue(long high, IntPredicate isDue) {
        int page = page(high);
        int given = 0;
        for (int slot = page; slot < page + PAGE; slot++) {
            if (isTaken(slot) && (!isWhole(slot) || isDue.test(mark(slot)))) {
                setTag(slot, GIVEN_UP);
                given++;
            }
        }
        return given;
    }

    /** On the key's full page the newest stamp of the {@link #GIVEN_UP_AT_ONCE} that are oldest. */
    int stampOfOldest(long high) {
        int page = page(high);
        int[] stamps = new int[PAGE];
        for (int i = 0; i < PAGE; i++) {
            stamps[i] = Stamps.stamp(mark(page + i));
        }
        Arrays.sort(stamps);
        return stamps[GIVEN_UP_AT_ONCE - 1];
    }

    /** On the key's full page gives up {@link #GIVEN_UP_AT_ONCE} that are not newer than {@link #stampOfOldest}. */
    void giveUpOldest(long high, int upTo) {
        int page = page(high);
        int left = GIVEN_UP_AT_ONCE;
        for (int slot = page; slot < page + PAGE && left > 0; slot++) {
            if (Stamps.stamp(mark(slot)) <= upTo) {
                setTag(slot, GIVEN_UP);
                left--;
            }
        }
    }

    /** How many slots are taken. */
    int used() {
        int used = 0;
        for (int slot = 0; slot < count; slot++) {
            used += isTaken(slot) ? 1 : 0;
        }
        return used;
    }

    /** The slots that are taken, in the order of their places, which is that in which entries came. */
    int[] taken() {
        int[] byPlace = new int[count];
        Arrays.fill(byPlace, NONE);
        for (int slot = 0; slot < count; slot++) {
            if (isOwn(slot)) {
                byPlace[place(slot)] = slot;
            }
        }
        return Arrays.stream(byPlace).filter(slot -> slot != NONE).toArray();
    }

    /** Whether the slot is taken, by a key that is looked for there; where a place's number is damaged, it is another's. */
    private boolean isOwn(int slot) {
        long high = high(slot);
        return page(high) == (slot & -PAGE) && isTakenBy(slot, high);
    }

    /** How many entries are whole and not due. */
    int live(IntPredicate isDue) {
        int live = 0;
        for (int slot = 0; slot < count; slot++) {
            live += isTaken(slot) && isWhole(slot) && !isDue.test(mark(slot)) ? 1 : 0;
        }
        return live;
    }

    // --- where

    /** First slot of the key's page. */
    private int page(long high) {
        return ((int) high & pageMask) * PAGE;
    }

    /** Where on its page the key's search begins. */
    private static int group(long high) {
        return (int) (high >>> 32) & (GROUPS - 1);
    }

    /** At least two bits are set: one that is flipped makes no tag a slot that was never taken, where searches end. */
    private static int tag(long high) {
        int tag = (int) (high >>> 40) & 0xff;
        return Integer.bitCount(tag) < 2 ? tag ^ 0xff : tag;
    }

    private int tagOf(int slot) {
        return (int) (word(slot & -GROUP) >>> (8 * (slot & (GROUP - 1)))) & 0xff;
    }

    private void setTag(int slot, int tag) {
        int shift = 8 * (slot & (GROUP - 1));
        long word = word(slot & -GROUP);
        region.set(tags(slot), (word & ~(0xffL << shift)) | ((long) tag << shift));
    }

    /** The tags of a group, of its first slot. */
    private long word(int slot) {
        return region.get(tags(slot));
    }

    private int tags(int slot) {
        return line(slot) + (slot & (LINE - 1) & -GROUP);
    }

    private int line(int slot) {
        return lines + slot / LINE * LINE_BYTES;
    }

    /** Whatever the number is, the place is one of the file. */
    private int place(int slot) {
        int bit = PLACE_BITS * (slot & (LINE - 1));
        int at = line(slot) + PLACES + bit / Long.SIZE * Long.BYTES;
        int shift = bit % Long.SIZE;
        long number = region.get(at) >>> shift;
        if (shift > Long.SIZE - PLACE_BITS) {
            number |= region.get(at + Long.BYTES) << (Long.SIZE - shift);
        }
        return (int) number & (count - 1);
    }

    private void setPlace(int slot, int place) {
        int bit = PLACE_BITS * (slot & (LINE - 1));
        int at = line(slot) + PLACES + bit / Long.SIZE * Long.BYTES;
        int shift = bit % Long.SIZE;
        region.set(at, (region.get(at) & ~(PLACE_MASK << shift)) | ((long) place << shift));
        if (shift > Long.SIZE - PLACE_BITS) {
            int rest = Long.SIZE - shift;
            region.set(
                    at + Long.BYTES, (region.get(at + Long.BYTES) & ~(PLACE_MASK >>> rest)) | ((long) place >>> rest));
        }
    }

    private int at(int slot) {
        return base + place(slot) * ENTRY_BYTES;
    }

    /** One word changed always changes the mixed 64 bits; of damage one in 2^32 passes. */
    private int check(long high, long low, long value, int mark) {
        long h = mix(checkKey ^ high);
        h = mix(h ^ low);
        h = mix(h ^ value);
        h = mix(h ^ mark);
        return (int) (h >>> 32);
    }

    /** A bijection of 64 bits whose every output bit hangs on every input bit (Stafford's variant 13). */
    static long mix(long word) {
        long h = word;
        h = (h ^ (h >>> 30)) * 0xbf58476d1ce4e5b9L;
        h = (h ^ (h >>> 27)) * 0x94d049bb133111ebL;
        return h ^ (h >>> 31);
    }
}
