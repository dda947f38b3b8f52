package dev.syncline.runtime.internal.inbox;

import dev.syncline.api.Delivery;
import dev.syncline.api.EventType.Kind;
import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.spi.Message;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.TopicPartition;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Says that a handler has applied an event: all that its inbox and guard need to know of it, without the payload. Kept in
 * the outbox beside the event's results.
 *
 * <pre>
 *   0   version     u8    1
 *   1   kind        u8    0: state, 1: change, 2: delete
 *   2   shard       u8
 *   3   partition   i32
 *   7   digest      i64   of what the event says, by the keys of the table that it goes to
 *  15   table       i64   which keys those are
 *  23   flow        text  handler, slash, broker; text: i32 and so many bytes of UTF-8
 *       topic, key, source, id, outboxseq, entityversion, origin, causationid
 *                   text  the last four empty if the event has none
 * </pre>
 *
 * @param flow handler and broker
 * @param event as far as inbox and guard look at it
 * @param digest of what the event says
 * @param table which keys the digest was made with
 */
record AppliedMark(String flow, Envelope event, Kind kind, long digest, long table) {

    private static final int VERSION = 1;
    private static final int HEAD = 23;
    private static final List<String> ATTRIBUTES = List.of("outboxseq", "entityversion", "origin", "causationid");

    byte[] encoded() {
        var message = event.message();
        var texts = new byte[5 + ATTRIBUTES.size()][];
        texts[0] = bytes(flow);
        texts[1] = bytes(event.received().partition().topic());
        texts[2] = bytes(event.key());
        texts[3] = bytes(event.source());
        texts[4] = bytes(event.id());
        int length = HEAD;
        for (int i = 0; i < texts.length; i++) {
            if (i >= 5) {
                texts[i] = bytes(message.attribute(ATTRIBUTES.get(i - 5)));
            }
            length += Integer.BYTES + texts[i].length;
        }
        var buffer = ByteBuffer.allocate(length)
                .put((byte) VERSION)
                .put(code(kind))
                .put((byte) event.shard())
                .putInt(event.received().partition().partition())
                .putLong(digest)
                .putLong(table);
        for (var text : texts) {
            buffer.putInt(text.length).put(text);
        }
        return buffer.array();
    }

    /**
     * Reads one.
     *
     * @throws OutboxException if a newer release wrote it
     */
    static AppliedMark decode(byte[] encoded) {
        var buffer = ByteBuffer.wrap(encoded);
        int version = buffer.get();
        if (version != VERSION) {
            throw new OutboxException("a mark of the outbox has format " + version + ", this release reads " + VERSION
                    + ": it was written by a newer release, go on with that one");
        }
        var kind = kind(buffer.get());
        int shard = buffer.get() & 0xff;
        int partition = buffer.getInt();
        long digest = buffer.getLong();
        long table = buffer.getLong();
        var flow = text(buffer);
        var topic = text(buffer);
        var key = text(buffer);
        var source = text(buffer);
        var id = text(buffer);
        Map<String, String> attributes = new HashMap<>();
        for (var attribute : ATTRIBUTES) {
            var value = text(buffer);
            if (!value.isEmpty()) {
                attributes.put(attribute, value);
            }
        }
        var message = new Message(topic, key, attributes, Map.of(), null);
        var received = new Received(new TopicPartition(topic, partition), Position.of(0), message, Instant.EPOCH, null);
        var event =
                new Envelope(received, message, id, source, "", 1, key, shard, Delivery.Mode.LIVE, Instant.EPOCH, null);
        return new AppliedMark(flow, event, kind, digest, table);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(ByteBuffer buffer) {
        var bytes = new byte[buffer.getInt()];
        buffer.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte code(Kind kind) {
        return switch (kind) {
            case STATE -> 0;
            case DELTA -> 1;
            case DELETE -> 2;
        };
    }

    private static Kind kind(int code) {
        return switch (code) {
            case 0 -> Kind.STATE;
            case 1 -> Kind.DELTA;
            case 2 -> Kind.DELETE;
            default ->
                throw new OutboxException("a mark of the outbox is of kind " + code
                        + ", unknown to this release: it was written by a newer one, go on with that one");
        };
    }
}
