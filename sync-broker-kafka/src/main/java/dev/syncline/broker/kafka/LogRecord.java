package dev.syncline.broker.kafka;

import dev.syncline.api.BrokerException;
import dev.syncline.spi.Bytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A record in the topic of a log. The last one of the topic says all that the next owner has to know.
 *
 * <pre>
 * | 1 format | 1 kind | 8 whose log | 8 token | 8 index | … data |
 *
 * ENTRY  its index, its data
 * OWNER  the newest index before; who took the log, for people
 * DROP   the newest index before; 8 the lowest index that is kept
 * </pre>
 *
 * @param scope whose log it is, as a hash
 * @param token of the owner who wrote it
 * @param index of the entry, else the newest before
 */
record LogRecord(Kind kind, long scope, long token, long index, Bytes data) {

    /** What a record takes beside its data, with what Kafka puts around it. */
    static final int OVERHEAD = 1024;

    private static final byte FORMAT = 1;
    private static final int HEAD_BYTES = 2 + 3 * Long.BYTES;

    /** What it is, and the byte that says so. */
    enum Kind {
        /** An entry of the log. */
        ENTRY(0),
        /** Somebody took it. */
        OWNER(1),
        /** What is below an index is dropped. */
        DROP(2);

        private final byte code;

        Kind(int code) {
            this.code = (byte) code;
        }

        static @Nullable Kind of(byte code) {
            for (var kind : values()) {
                if (kind.code == code) {
                    return kind;
                }
            }
            return null;
        }
    }

    static LogRecord owner(long scope, long token, long newest, String member) {
        return new LogRecord(Kind.OWNER, scope, token, newest, Bytes.utf8(member));
    }

    static LogRecord drop(long scope, long token, long newest, long before) {
        var data = ByteBuffer.allocate(Long.BYTES).putLong(before).array();
        return new LogRecord(Kind.DROP, scope, token, newest, Bytes.wrap(data));
    }

    /** Whose log it is, never 0. */
    static long scope(String group, String broker) {
        var hash = UUID.nameUUIDFromBytes((group + "\n" + broker).getBytes(StandardCharsets.UTF_8));
        return hash.getMostSignificantBits() | 1;
    }

    boolean isEntry() {
        return kind == Kind.ENTRY;
    }

    byte[] encoded() {
        var buffer = ByteBuffer.allocate(HEAD_BYTES + data.length());
        buffer.put(FORMAT).put(kind.code);
        buffer.putLong(scope).putLong(token).putLong(index);
        buffer.put(data.array(), data.offset(), data.length());
        return buffer.array();
    }

    /** @throws BrokerException refused if it is none of ours, or of a newer release */
    static LogRecord decoded(byte @Nullable [] value, String topic, long offset) {
        var kind = value == null || value.length < HEAD_BYTES || value[0] != FORMAT ? null : Kind.of(value[1]);
        if (value == null || kind == null) {
            throw BrokerException.refused(
                    "the record at offset " + offset + " of topic \"" + topic + "\" is not one of parked events, or was"
                            + " written by a newer release; give parked events a topic of their own",
                    null);
        }
        var buffer = ByteBuffer.wrap(value, 2, HEAD_BYTES - 2);
        return new LogRecord(
                kind,
                buffer.getLong(),
                buffer.getLong(),
                buffer.getLong(),
                Bytes.wrap(value, HEAD_BYTES, value.length - HEAD_BYTES));
    }
}
