package dev.syncline.runtime.internal.table;

import dev.syncline.api.OutboxException;
import dev.syncline.api.OutboxFullException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.BitSet;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A table in a mapped file, made with the first entry. What is put survives the end of the process at any moment; a power
 * failure may take the newest entries, page by page.
 *
 * <p>At 75 %, or when a page is full, the table grows: all live entries go into a draft of twice the size, which is forced, renamed over the file,
 * and its name forced. A crash before the renaming leaves the old file, after it the new one. What is due by then is left
 * behind; if that is half of all, the draft is no larger. A table that may not grow takes over what is due, then the
 * oldest if it may, or says that the disk is full.
 *
 * <p>Threading: as {@link Table} says. Growing blocks for the disk.
 */
public final class MappedTable implements Table {

    private static final Logger LOG = LoggerFactory.getLogger(MappedTable.class);

    private static final int MIN_SLOTS = Slots.PAGE;

    /** The largest whose places can be numbered. */
    static final int MAX_SLOTS = Slots.MAX_COUNT;

    private final Path path;
    private final Path directory;
    private final TableUse use;
    private final TableDisk disk;
    private final long key0;
    private final long key1;

    /** By slot. */
    private final BitSet noted = new BitSet();

    private @Nullable TableFile file;
    private int used;
    private int growAt;

    /** New entries until a table that could not grow, and has begun to forget, tries again. */
    private int triesIn;

    private volatile int evictedUpTo;

    private MappedTable(Path path, TableUse use, TableDisk disk, @Nullable TableFile file) {
        this.path = path.toAbsolutePath();
        this.directory = Objects.requireNonNull(this.path.getParent(), "no file name");
        this.use = use;
        this.disk = disk;
        this.file = file;
        if (file == null) {
            var random = new SecureRandom();
            key0 = random.nextLong();
            key1 = random.nextLong();
        } else {
            key0 = file.key0;
            key1 = file.key1;
            used = file.used();
            growAt = limit(file.slots.count());
            evictedUpTo = file.evictedUpTo();
            use.budget().take(file.slots.count());
        }
    }

    /**
     * Opens the table; its file need not be there.
     *
     * @throws OutboxException if a newer release wrote the file, or the disk fails
     */
    public static MappedTable open(Path path, TableUse use, TableAlarms alarms) {
        return open(path, use, alarms, MappedDisk.INSTANCE);
    }

    static MappedTable open(Path path, TableUse use, TableAlarms alarms, TableDisk disk) {
        return new MappedTable(path, use, disk, TableFile.open(disk, path, use.code(), alarms));
    }

    @Override
    public long hashKey0() {
        return key0;
    }

    @Override
    public long hashKey1() {
        return key1;
    }

    @Override
    public void makeKeysLast() {
        if (file == null) {
            begin();
        }
    }

    @Override
    public int find(long high, long low) {
        return file == null ? ABSENT : file.slots.find(high, low);
    }

    @Override
    public long value(int entry) {
        return existing().slots.value(entry);
    }

    @Override
    public int mark(int entry) {
        return existing().slots.mark(entry);
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
        return file != null && file.slots.hasSibling(high, low);
    }

    @Override
    public int size() {
        return used;
    }

    @Override
    public int evictedUpTo() {
        return evictedUpTo;
    }

    /** Bytes on the disk; 0 before the first entry. */
    public long bytes() {
        return file == null ? 0 : TableFile.bytes(file.slots.count());
    }

    @Override
    public void put(long high, long low, long value, int mark) {
        int slot = find(high, low);
        if (slot != ABSENT) {
            existing().replace(slot, high, low, value, mark);
            return;
        }
        slot = room(high);
        var target = existing();
        target.slots.put(slot, high, low, value, mark);
        target.setUsed(++used);
        noted.clear(slot); // of the entry that was there before
    }

    private TableFile existing() {
        return Objects.requireNonNull(file, "a table without a file has no entries");
    }

    // --- room

    /** A slot for an entry that is not there. */
    private int room(long high) {
        if (file == null) {
            begin();
        } else if (used >= growAt) {
            grow();
        }
        triesIn--;
        int slot = existing().slots.free(high);
        return slot != ABSENT ? slot : roomOnFullPage(high);
    }

    private int roomOnFullPage(long high) {
        int slot = freeOfDue(high);
        if (slot != ABSENT) {
            return slot;
        }
        // growing looks through the whole table, so what may forget does not try with every entry
        if (!use.mayEvict() || triesIn <= 0) {
            used = existing().setUsed(existing().slots.used()); // a power failure may have left an older number
            // below a quarter only siblings, which share their page, can fill one; growing would not part them
            while (used > existing().slots.count() / 4 && grow()) {
                slot = existing().slots.free(high);
                slot = slot != ABSENT ? slot : freeOfDue(high);
                if (slot != ABSENT) {
                    return slot;
                }
            }
            if (!use.mayEvict() && used > existing().slots.count() / 4) {
                throw new OutboxFullException("table " + path + " is full and cannot grow, because the disk has no room"
                        + " or it is at its largest; make room on the volume. Nothing was stored");
            }
        }
        evict(high);
        return existing().slots.free(high);
    }

    private int freeOfDue(long high) {
        var from = existing();
        int given = from.slots.giveUpDue(high, use.isDue());
        used = given == 0 ? used : from.setUsed(Math.max(0, used - given));
        return given == 0 ? ABSENT : from.slots.free(high);
    }

    private void evict(long high) {
        var from = existing();
        evict(high, from);
        used = from.setUsed(Math.max(0, used - Slots.GIVEN_UP_AT_ONCE));
    }

    /** Says how old they were before they are gone. */
    private void evict(long high, TableFile from) {
        int stamp = from.slots.stampOfOldest(high);
        if (stamp > evictedUpTo) {
            evictedUpTo = stamp;
            from.setEvictedUpTo(stamp);
        }
        from.slots.giveUpOldest(high, stamp);
    }

    // --- growing

    /** Not forced: as long as nothing was forced, a power failure may take entries, and so it may take their file. */
    private void begin() {
        try {
            Files.createDirectories(directory);
            var draft = TableFile.draft(path);
            var made = TableFile.create(disk, draft, use.code(), MIN_SLOTS, key0, key1);
            disk.replace(draft, path);
            file = made;
            growAt = limit(MIN_SLOTS);
            use.budget().take(MIN_SLOTS);
        } catch (IOException failure) {
            deleteDraft();
            throw new OutboxException("file " + path + " cannot be made: " + failure + ". Nothing was stored", failure);
        }
    }

    /** Makes the table larger, or free of what is due; false if it stays as it is. */
    private boolean grow() {
        var old = existing();
        int slots = old.slots.count();
        int live = old.slots.live(use.isDue());
        boolean isHalfDue = live <= slots * 3 / 8 && live < used;
        int wanted = isHalfDue ? slots : 2 * slots;
        boolean isLarger = wanted > slots;
        if (wanted > MAX_SLOTS || (isLarger && !use.budget().tryTake(wanted - slots))) {
            postpone();
            return false;
        }
        try {
            var grown = copy(old, wanted);
            disk.replace(TableFile.draft(path), path);
            file = grown;
            noted.clear(); // all stand elsewhere
            used = grown.used();
            growAt = limit(wanted);
        } catch (IOException failure) {
            deleteDraft();
            if (isLarger) {
                use.budget().give(wanted - slots);
            }
            LOG.warn("table {} cannot grow to {} slots: {}", path, wanted, failure.toString());
            postpone();
            return false;
        }
        try {
            disk.forceNames(directory);
        } catch (IOException failure) {
            LOG.warn("the new name of table {} may not survive a power failure: {}", path, failure.toString());
        }
        return true;
    }

    private TableFile copy(TableFile old, int slots) throws IOException {
        var grown = TableFile.create(disk, TableFile.draft(path), use.code(), slots, key0, key1);
        var from = old.slots;
        int copied = 0;
        for (int slot : from.taken()) {
            if (!from.isWhole(slot) || use.isDue().test(from.mark(slot))) {
                continue;
            }
            long high = from.high(slot);
            int to = grown.slots.free(high);
            if (to == ABSENT) { // siblings that fill a page
                evict(high, grown);
                copied -= Slots.GIVEN_UP_AT_ONCE;
                to = grown.slots.free(high);
            }
            grown.slots.put(to, high, from.low(slot), from.value(slot), from.mark(slot));
            copied++;
        }
        grown.setUsed(copied);
        grown.setEvictedUpTo(evictedUpTo);
        disk.force(grown.region);
        return grown;
    }

    /** Not at every entry: looking for what is due goes through the whole table. */
    private void postpone() {
        growAt = used + existing().slots.count() / 16;
        triesIn = existing().slots.count() / 2;
    }

    private void deleteDraft() {
        try {
            Files.deleteIfExists(TableFile.draft(path));
        } catch (IOException e) {
            // it is deleted when the table is opened
        }
    }

    private static int limit(int slots) {
        return slots / 4 * 3;
    }

    @Override
    public String toString() {
        return "table " + path + " of " + used + " entries";
    }
}
