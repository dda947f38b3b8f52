package dev.syncline.runtime.internal.local;

import dev.syncline.api.OutboxException;
import dev.syncline.spi.Position;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a group stands, in one file: a slot per partition of each topic, in it two copies of which the newer whole one
 * counts. A move writes the older copy, one system call of some hundred bytes into the page cache: it survives kill -9
 * at any moment, costs no sync, and a copy that a power failure tore leaves the other.
 *
 * <pre>
 * file
 *      0   magic          8 bytes   "SYNCGRP1"
 *      8   reserved, up to 2048
 *   2048   {@linkplain GroupSlot slot}, slot, … of 2048 bytes each
 * </pre>
 *
 * <p>A partition is a range of shards. When a topic has another number of partitions than before, each new one begins at
 * the lowest of the old ones that share shards with it: some messages come again, none is skipped.
 *
 * <p>What is damaged is as good as not there, and {@link #isDamaged} says so: such a partition must begin at the oldest.
 *
 * <p>Threading: one thread at a time.
 */
final class GroupFile implements AutoCloseable {

    /** No document of the outbox has an entry above. */
    private static final int MAX_ORDINAL = 0xffff;

    private static final Logger LOG = LoggerFactory.getLogger(GroupFile.class);

    /** The last byte is the version. */
    private static final byte[] MAGIC = "SYNCGRP1".getBytes(StandardCharsets.US_ASCII);

    private static final int MAGIC_BYTES = MAGIC.length - 1;

    private final Path path;
    private final RandomAccessFile file;
    private final List<GroupSlot> slots = new ArrayList<>();
    private boolean isDamaged;

    private GroupFile(Path path, RandomAccessFile file) {
        this.path = path;
        this.file = file;
    }

    /**
     * Opens the file, or makes it.
     *
     * @throws OutboxException if the disk fails, or a newer release wrote it
     */
    static GroupFile open(Path path) {
        try {
            Files.createDirectories(path.getParent());
            var opened = new GroupFile(path, new RandomAccessFile(path.toFile(), "rw"));
            try {
                opened.load();
                return opened;
            } catch (IOException | RuntimeException failure) {
                opened.file.close();
                throw failure;
            }
        } catch (IOException failure) {
            throw failed("open", path, failure);
        }
    }

    /**
     * Takes positions back that are ahead of the outbox.
     *
     * @param lastIndex of the outbox's newest entry
     * @param lastN its number
     * @return whether there were any
     */
    boolean clamp(long lastIndex, long lastN) {
        boolean any = false;
        var end = LocalStore.endAfter(lastIndex);
        for (var slot : slots) {
            var acknowledged = slot.kept().acknowledged();
            boolean isClearAhead = slot.kept().clear().compareTo(end) > 0;
            boolean isAcknowledgedAhead = acknowledged != null && acknowledged.major() > lastIndex;
            if (!slot.isFree() && (isClearAhead || isAcknowledgedAhead)) {
                any = true;
                var newest = lastIndex < 0 ? null : new Position(lastIndex, MAX_ORDINAL);
                put(
                        slot,
                        new Kept(
                                isAcknowledgedAhead ? newest : acknowledged,
                                slot.kept().metadata(),
                                isClearAhead ? end : slot.kept().clear(),
                                Math.min(slot.kept().clearN(), lastN)));
            }
        }
        return any;
    }

    /** Whether something in it could not be read: what is not found may have been there. */
    boolean isDamaged() {
        return isDamaged;
    }

    /** All that is kept, also of numbers of partitions that do not count any more. */
    List<Entry> entries() {
        return slots.stream()
                .filter(slot -> !slot.isFree())
                .map(slot -> new Entry(slot.topic(), slot.kept()))
                .toList();
    }

    /** Where the group stands in a partition, null if it never was there. */
    @Nullable
    Kept find(String topic, int partitions, int partition) {
        var exact = slot(topic, partitions, partition);
        if (exact != null && exact.generation() == generation(topic)) {
            return exact.kept();
        }
        Kept lowest = null;
        int best = 0;
        for (var slot : slots) {
            if (!slot.isFree() && slot.topic().equals(topic) && slot.overlaps(partitions, partition)) {
                if (slot.generation() > best || lowest == null) {
                    best = slot.generation();
                    lowest = slot.kept();
                } else if (slot.generation() == best && slot.kept().clear().compareTo(lowest.clear()) < 0) {
                    lowest = slot.kept();
                }
            }
        }
        return lowest;
    }

    /** Whether the group reads the topic and is not done with what is at that position. */
    boolean needs(String topic, int shard, Position position) {
        int generation = generation(topic);
        for (var slot : slots) {
            if (slot.isOf(topic)
                    && slot.generation() == generation
                    && slot.partition() == LocalBroker.partition(shard, slot.partitions())) {
                var acknowledged = slot.kept().acknowledged();
                return position.compareTo(slot.kept().clear()) >= 0
                        && (acknowledged == null || position.compareTo(acknowledged) > 0);
            }
        }
        return false;
    }

    /**
     * Begins to use a number of partitions for a topic: all of them are kept from now on, others of the topic no more.
     *
     * @param kept by partition, as {@link #find} gave it or where a new one begins
     */
    void use(String topic, List<Kept> kept) {
        int partitions = kept.size();
        int generation = Math.max(1, generation(topic));
        boolean isChanged = slots.stream()
                .anyMatch(
                        slot -> slot.isOf(topic) && slot.generation() == generation && slot.partitions() != partitions);
        int used = isChanged ? generation + 1 : generation;
        for (int partition = 0; partition < partitions; partition++) {
            var slot = slot(topic, partitions, partition);
            if (slot == null || slot.generation() != used) {
                create(slot, used, topic, partitions, partition, kept.get(partition));
            }
        }
        // only now: a crash before this leaves both, and the older one is asked where the newer has none
        slots.stream()
                .filter(slot -> slot.isOf(topic) && slot.generation() != used)
                .forEach(this::free);
    }

    /** Keeps where the group stands in a partition that is {@linkplain #use used}. */
    void put(String topic, int partitions, int partition, Kept kept) {
        var slot = slot(topic, partitions, partition);
        if (slot == null) {
            throw new IllegalArgumentException(topic + "-" + partition + " of " + partitions + " is not used");
        }
        put(slot, kept);
    }

    private void put(GroupSlot slot, Kept kept) {
        slot.move(kept);
        write(slot.copyOffset(), slot.copy());
    }

    /** Makes what was put survive a power failure. Blocks for the disk. */
    void force() {
        try {
            file.getFD().sync();
        } catch (IOException failure) {
            throw failed("force", path, failure);
        }
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException failure) {
            LOG.warn("{} did not close well", path, failure);
        }
    }

    // --- slots

    private int generation(String topic) {
        int highest = 0;
        for (var slot : slots) {
            if (slot.isOf(topic)) {
                highest = Math.max(highest, slot.generation());
            }
        }
        return highest;
    }

    private @Nullable GroupSlot slot(String topic, int partitions, int partition) {
        for (var slot : slots) {
            if (slot.isOf(topic, partitions, partition)) {
                return slot;
            }
        }
        return null;
    }

    private void create(
            @Nullable GroupSlot present, int generation, String topic, int partitions, int partition, Kept kept) {
        var slot = present;
        if (slot == null) {
            slot = slots.stream().filter(GroupSlot::isFree).findFirst().orElse(null);
        }
        if (slot == null) {
            slot = GroupSlot.free(slots.size());
            slots.add(slot);
        }
        slot.use(generation, topic, partitions, partition, kept);
        write(slot.offset(), slot.whole());
    }

    private void free(GroupSlot slot) {
        slot.free();
        write(slot.offset(), new byte[GroupSlot.BYTES]);
    }

    private void write(long offset, byte[] bytes) {
        try {
            file.seek(offset);
            file.write(bytes);
        } catch (IOException failure) {
            throw failed("write", path, failure);
        }
    }

    // --- reading

    private void load() throws IOException {
        long length = file.length();
        if (length < GroupSlot.BYTES) {
            // new, or its making was cut short
            file.seek(0);
            file.write(Arrays.copyOf(MAGIC, GroupSlot.BYTES));
            return;
        }
        var bytes = new byte[(int) Math.min(Integer.MAX_VALUE - 16, length)];
        file.seek(0);
        file.readFully(bytes);
        if (Arrays.equals(bytes, 0, MAGIC_BYTES, MAGIC, 0, MAGIC_BYTES) && bytes[MAGIC_BYTES] != MAGIC[MAGIC_BYTES]) {
            throw new OutboxException(
                    "file " + path + " has version " + (char) bytes[MAGIC_BYTES] + ", this release reads "
                            + (char) MAGIC[MAGIC_BYTES] + ": it was written by a newer release, go on with that one");
        }
        if (!Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new OutboxException(
                    path + " is no file of positions; restore it, or move it away: the group then begins anew");
        }
        for (int offset = GroupSlot.BYTES; offset + GroupSlot.BYTES <= bytes.length; offset += GroupSlot.BYTES) {
            var slot = GroupSlot.read(
                    slots.size(),
                    ByteBuffer.wrap(bytes, offset, GroupSlot.BYTES).slice());
            isDamaged |= slot.isDamaged();
            slots.add(slot);
        }
        if (isDamaged) {
            LOG.warn("{} is damaged in part: partitions that it does not tell of begin at the oldest message", path);
        }
    }

    private static OutboxException failed(String what, Path path, IOException failure) {
        return new OutboxException("cannot " + what + " the positions in " + path + ": " + failure, failure);
    }

    /** What is kept of one partition of a topic. */
    record Entry(String topic, Kept kept) {}
}
