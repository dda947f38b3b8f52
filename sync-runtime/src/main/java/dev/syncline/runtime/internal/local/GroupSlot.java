package dev.syncline.runtime.internal.local;

import dev.syncline.runtime.internal.keys.Shards;
import dev.syncline.spi.BrokerConsumer.Acknowledgement;
import dev.syncline.spi.Position;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * One partition of a topic in a {@link GroupFile}, as its bytes say it. What it is of changes only as a whole; where the
 * group stands moves from copy to copy, so that a copy which a power failure tore leaves the other.
 *
 * <pre>
 * slot, big-endian
 *      0   crc32c         u32       of the key behind it
 *      4   generation     i32       0 = free. The highest of a topic counts, see {@link GroupFile#find}
 *      8   partitions     i32       of the topic
 *     12   partition      i32
 *     16   topic          u16 and so many bytes of UTF-8, at most 494
 *    512   copy
 *   1152   copy
 *
 * copy
 *      0   crc32c         u32       of what is behind it
 *      4   stamp          i64       the higher copy is the newer
 *     12   clear          i64 index, i64 ordinal, i64 n
 *     36   acknowledged   u8 1 or 0, i64 index, i64 ordinal
 *     53   metadata       u16 and so many bytes of ASCII, at most 512
 * </pre>
 */
final class GroupSlot {

    static final int BYTES = 2048;

    /** Longest topic name, in bytes. */
    static final int MAX_TOPIC_BYTES = 494;

    private static final int KEY_BYTES = 512;
    private static final int COPY_BYTES = 640;
    private static final Kept NOTHING = Kept.begin(new Position(0, 0), 0);

    private final int number;
    private final boolean isDamaged;
    private int generation;
    private String topic = "";
    private int partitions;
    private int partition;
    private long stamp;
    private Kept kept = NOTHING;

    private GroupSlot(int number, boolean isDamaged) {
        this.number = number;
        this.isDamaged = isDamaged;
    }

    /** A slot that is of nothing yet. */
    static GroupSlot free(int number) {
        return new GroupSlot(number, false);
    }

    /** The slot that these bytes are; a free one that {@link #isDamaged} if they are none. */
    static GroupSlot read(int number, ByteBuffer bytes) {
        if (isZero(bytes.slice(0, KEY_BYTES))) {
            return free(number);
        }
        int topicLength = Short.toUnsignedInt(bytes.getShort(16));
        if (topicLength > MAX_TOPIC_BYTES || crc(bytes, 4, 14 + topicLength) != bytes.getInt(0)) {
            return new GroupSlot(number, true);
        }
        var slot = free(number);
        if (!slot.readNewest(bytes)) {
            return new GroupSlot(number, true);
        }
        slot.generation = bytes.getInt(4);
        slot.partitions = bytes.getInt(8);
        slot.partition = bytes.getInt(12);
        slot.topic = text(bytes, 18, topicLength);
        return slot;
    }

    private boolean readNewest(ByteBuffer bytes) {
        boolean isFound = false;
        for (int offset = KEY_BYTES; offset <= KEY_BYTES + COPY_BYTES; offset += COPY_BYTES) {
            var copy = bytes.slice(offset, COPY_BYTES);
            int metadataLength = Short.toUnsignedInt(copy.getShort(53));
            boolean isWhole = metadataLength <= Acknowledgement.MAX_METADATA
                    && crc(copy, 4, 51 + metadataLength) == copy.getInt(0);
            if (isWhole && (!isFound || copy.getLong(4) > stamp)) {
                kept = kept(copy, metadataLength);
                stamp = copy.getLong(4);
                isFound = true;
            }
        }
        return isFound;
    }

    private static Kept kept(ByteBuffer copy, int metadataLength) {
        var acknowledged = copy.get(36) == 0 ? null : new Position(copy.getLong(37), copy.getLong(45));
        return new Kept(
                acknowledged,
                text(copy, 55, metadataLength),
                new Position(copy.getLong(12), copy.getLong(20)),
                copy.getLong(28));
    }

    // --- what it is of

    /** Whether what it was of cannot be read. */
    boolean isDamaged() {
        return isDamaged;
    }

    boolean isFree() {
        return generation == 0;
    }

    int generation() {
        return generation;
    }

    String topic() {
        return topic;
    }

    int partitions() {
        return partitions;
    }

    int partition() {
        return partition;
    }

    Kept kept() {
        return kept;
    }

    boolean isOf(String otherTopic) {
        return !isFree() && topic.equals(otherTopic);
    }

    boolean isOf(String otherTopic, int otherPartitions, int otherPartition) {
        return partition == otherPartition && partitions == otherPartitions && isOf(otherTopic);
    }

    /** Whether some shards are of this partition and of another, both of the same topic. */
    boolean overlaps(int otherPartitions, int otherPartition) {
        return first(partitions, partition) < first(otherPartitions, otherPartition + 1)
                && first(otherPartitions, otherPartition) < first(partitions, partition + 1);
    }

    /** The first shard of a partition. */
    private static int first(int partitions, int partition) {
        return (partition * Shards.COUNT + partitions - 1) / partitions;
    }

    // --- changes, each to be written by the caller

    /** Is of this partition from now on; {@link #whole} is to be written. */
    void use(int ofGeneration, String ofTopic, int ofPartitions, int ofPartition, Kept from) {
        generation = ofGeneration;
        topic = ofTopic;
        partitions = ofPartitions;
        partition = ofPartition;
        kept = from;
        stamp++;
    }

    /** The group stands there from now on; {@link #copy} is to be written. */
    void move(Kept to) {
        kept = to;
        stamp++;
    }

    /** Is of nothing from now on; zeros are to be written. */
    void free() {
        generation = 0;
    }

    // --- bytes

    /** Where it begins in the file. */
    long offset() {
        return (number + 1L) * BYTES;
    }

    /** Where the newest copy belongs in the file. */
    long copyOffset() {
        return offset() + copyOffset(stamp);
    }

    private static int copyOffset(long stamp) {
        return KEY_BYTES + (stamp % 2 == 0 ? 0 : COPY_BYTES);
    }

    byte[] whole() {
        var whole = ByteBuffer.allocate(BYTES);
        whole.put(0, key());
        whole.put(copyOffset(stamp), copy());
        return whole.array();
    }

    private byte[] key() {
        var name = topic.getBytes(StandardCharsets.UTF_8);
        var key = ByteBuffer.allocate(KEY_BYTES);
        key.putInt(4, generation).putInt(8, partitions).putInt(12, partition);
        key.putShort(16, (short) name.length).put(18, name);
        key.putInt(0, crc(key, 4, 14 + name.length));
        return key.array();
    }

    byte[] copy() {
        var text = kept.metadata().getBytes(StandardCharsets.UTF_8);
        var copy = ByteBuffer.allocate(55 + text.length);
        copy.putLong(4, stamp);
        copy.putLong(12, kept.clear().major()).putLong(20, kept.clear().minor());
        copy.putLong(28, kept.clearN());
        var acknowledged = kept.acknowledged();
        if (acknowledged != null) {
            copy.put(36, (byte) 1).putLong(37, acknowledged.major()).putLong(45, acknowledged.minor());
        }
        copy.putShort(53, (short) text.length).put(55, text);
        copy.putInt(0, crc(copy, 4, 51 + text.length));
        return copy.array();
    }

    private static String text(ByteBuffer bytes, int offset, int length) {
        var text = new byte[length];
        bytes.get(offset, text);
        return new String(text, StandardCharsets.UTF_8);
    }

    private static boolean isZero(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            if (bytes.get() != 0) {
                return false;
            }
        }
        return true;
    }

    private static int crc(ByteBuffer bytes, int offset, int length) {
        var crc = new CRC32C();
        crc.update(bytes.slice(offset, length));
        return (int) crc.getValue();
    }
}
