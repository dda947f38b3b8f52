package dev.syncline.runtime.internal.table;

import dev.syncline.api.OutboxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A table's file: its header, and the record by which an entry that was being written when the process was killed is
 * made whole.
 *
 * <pre>
 * file; numbers are little-endian
 *      0   magic       8 bytes  "SYNCTAB" and a line feed
 *      8   version     u32      3
 *     12   use         u32      {@link TableUse#code}
 *     16   slots       i64      a power of two
 *     24   hash key    2 x i64  random; of what the entries' keys are made, and their checks
 *     40   crc32c      u32      of what is before it. Magic, version and this stay where they are in every version
 *     48
 *     64   used        i64      slots that are not empty; a hint, counted anew where it cannot be
 *     72   evicted     i64      newest stamp that made room before its time; a hint
 *     80   record      slot i64, low i64, value i64, high i64, mark i64, check i64
 *    512   lines       64 bytes for 16 slots, see {@link Slots}
 *          places      32 bytes each, from the next multiple of 4,096 on
 * </pre>
 *
 * <p>What replaces an entry is written to the record first, then to its slot. Where the process is killed within the slot,
 * the record is whole and says what was to be written; within the record, the slot is still whole. After a power failure
 * the record may be older than the slot: it is used only if the slot it names is torn, and of such a key.
 */
final class TableFile {

    static final int HEADER_BYTES = 4096;
    static final int VERSION = 3;

    private static final Logger LOG = LoggerFactory.getLogger(TableFile.class);

    private static final long MAGIC = 0x0a42_4154_434e_5953L; // "SYNCTAB\n", little-endian

    private static final int VERSION_AND_USE = 8;
    private static final int SLOTS = 16;
    private static final int KEY_0 = 24;
    private static final int KEY_1 = 32;
    private static final int CRC = 40;
    private static final int USED = 64;
    private static final int EVICTED = 72;
    private static final int RECORD = 80;
    private static final int RECORD_CHECK = RECORD + 40;
    private static final int LINES = 512;

    final Region region;
    final Slots slots;
    final long key0;
    final long key1;

    private TableFile(Region region, int slots, long key0, long key1, boolean isNew) {
        this.region = region;
        this.slots = new Slots(region, LINES, base(slots), slots, key0 ^ Long.rotateLeft(key1, 32), isNew);
        this.key0 = key0;
        this.key1 = key1;
    }

    static int bytes(int slots) {
        return base(slots) + slots * Slots.ENTRY_BYTES;
    }

    /** Where places begin. */
    private static int base(int slots) {
        return (LINES + slots / Slots.LINE * Slots.LINE_BYTES + HEADER_BYTES - 1) / HEADER_BYTES * HEADER_BYTES;
    }

    /** Makes a file with a header and no entries. */
    static TableFile create(TableDisk disk, Path path, int use, int slots, long key0, long key1) throws IOException {
        var file = new TableFile(disk.create(path, bytes(slots)), slots, key0, key1, true);
        var region = file.region;
        region.set(0, MAGIC);
        region.set(VERSION_AND_USE, (long) use << 32 | VERSION);
        region.set(SLOTS, slots);
        region.set(KEY_0, key0);
        region.set(KEY_1, key1);
        region.set(CRC, headerCrc(region));
        return file;
    }

    /**
     * Opens the file; what is damaged is put aside.
     *
     * @return null if there is none, or none any more
     * @throws OutboxException if a newer release wrote it, or the disk fails
     */
    static @Nullable TableFile open(TableDisk disk, Path path, int use, TableAlarms alarms) {
        try {
            Files.deleteIfExists(draft(path)); // of a growth that was cut short
            if (!Files.exists(path)) {
                return null;
            }
            long size = Files.size(path);
            if (size < HEADER_BYTES || size > Integer.MAX_VALUE) {
                return putAside(path, "it has " + size + " bytes", size == 0, alarms);
            }
            var region = disk.map(path, (int) size);
            var fault = fault(path, region, use);
            if (fault != null) {
                return putAside(path, fault, isBlank(region), alarms);
            }
            var file = new TableFile(region, (int) region.get(SLOTS), region.get(KEY_0), region.get(KEY_1), false);
            file.recover();
            return file;
        } catch (IOException failure) {
            throw new OutboxException("file " + path + " cannot be opened: " + failure, failure);
        }
    }

    static Path draft(Path path) {
        return path.resolveSibling(path.getFileName() + ".new");
    }

    private static @Nullable String fault(Path path, Region region, int use) {
        if (region.get(0) != MAGIC || region.get(CRC) != headerCrc(region)) {
            return "its header is damaged";
        }
        int version = (int) region.get(VERSION_AND_USE);
        if (version < VERSION) {
            throw new OutboxException("file " + path + " has version " + version
                    + ", of a build before the first release,"
                    + " this one knows version " + VERSION + ". Go on with that build, or delete the file: repeats of"
                    + " what it knew are then not recognised. Nothing was changed");
        }
        if (version > VERSION) {
            throw new OutboxException("file " + path + " has version " + version + ", this release knows version "
                    + VERSION + ": a newer release wrote it. Go on with that one; nothing was changed");
        }
        if (region.get(VERSION_AND_USE) >>> 32 != use) {
            return "it is a table for another use";
        }
        long slots = region.get(SLOTS);
        if (slots < Slots.PAGE
                || slots > MappedTable.MAX_SLOTS
                || Long.bitCount(slots) != 1
                || bytes((int) slots) != region.bytes()) {
            return "its header says " + slots + " slots, it has " + region.bytes() + " bytes";
        }
        return null;
    }

    /** A power failure took it soon after it was made, before the system wrote its header. */
    private static boolean isBlank(Region region) {
        for (int at = 0; at < region.bytes(); at += Long.BYTES) {
            if (region.get(at) != 0) {
                return false;
            }
        }
        return true;
    }

    private static @Nullable TableFile putAside(Path path, String why, boolean isBlank, TableAlarms alarms)
            throws IOException {
        if (isBlank) {
            LOG.warn("{} is blank, as a power failure leaves a file that was just made; it begins anew", path);
            Files.delete(path);
            return null;
        }
        var aside = path.resolveSibling(path.getFileName() + ".damaged");
        for (int i = 2; Files.exists(aside); i++) {
            aside = path.resolveSibling(path.getFileName() + "." + i + ".damaged");
        }
        Files.move(path, aside, StandardCopyOption.ATOMIC_MOVE);
        LOG.error(
                "{} cannot be used: {}. It is put aside as {}, and the table begins empty: repeats of what it knew are"
                        + " not recognised, nothing is lost",
                path,
                why,
                aside.getFileName());
        alarms.onDamaged(aside, why);
        return null;
    }

    /** Makes the entry whole that was being replaced. */
    private void recover() {
        long slot = region.get(RECORD);
        long high = region.get(RECORD + 24);
        if (slot >= 0
                && slot < slots.count()
                && region.get(RECORD_CHECK) == recordCheck()
                && slots.isTakenBy((int) slot, high)
                && !slots.isWhole((int) slot)) {
            slots.write(
                    (int) slot, high, region.get(RECORD + 8), region.get(RECORD + 16), (int) region.get(RECORD + 32));
        }
    }

    /** Replaces an entry so that the end of the process leaves the old one or the new. */
    void replace(int slot, long high, long low, long value, int mark) {
        region.set(RECORD, slot);
        region.set(RECORD + 8, low);
        region.set(RECORD + 16, value);
        region.set(RECORD + 24, high);
        region.set(RECORD + 32, mark);
        region.set(RECORD_CHECK, recordCheck());
        slots.write(slot, high, low, value, mark);
    }

    int used() {
        long used = region.get(USED);
        return used >= 0 && used <= slots.count() ? (int) used : setUsed(slots.used());
    }

    int setUsed(int used) {
        region.set(USED, used);
        return used;
    }

    int evictedUpTo() {
        return (int) region.get(EVICTED) & Integer.MAX_VALUE;
    }

    void setEvictedUpTo(int stamp) {
        region.set(EVICTED, stamp);
    }

    private long recordCheck() {
        long check = key1;
        for (int at = RECORD; at < RECORD_CHECK; at += Long.BYTES) {
            check = Slots.mix(check ^ region.get(at));
        }
        return check;
    }

    private static long headerCrc(Region region) {
        var crc = new CRC32C();
        for (int at = 0; at < CRC; at += Long.BYTES) {
            long word = region.get(at);
            for (int i = 0; i < Long.BYTES; i++) {
                crc.update((int) (word >>> (8 * i)) & 0xff);
            }
        }
        return crc.getValue();
    }
}
