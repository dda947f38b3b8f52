package dev.syncline.runtime.internal.park;

import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.log.EventLog;
import dev.syncline.runtime.internal.log.StoreId;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Defect;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Encodes one record; see {@link RecordLayout}. Made anew for each: parking is no hot path. One thread. */
final class RecordWriter {

    private ByteBuffer buffer;

    private RecordWriter(StoreId store, int kind, int expectedBytes) {
        buffer = ByteBuffer.allocate(Math.max(256, expectedBytes));
        putByte(RecordLayout.VERSION);
        putByte(kind);
        putLong(store.high());
        putLong(store.low());
    }

    /** @param number of the letter if it has one already, else {@link EventLog#NONE} */
    static RecordWriter letter(StoreId store, Envelope event, Identity identity, long number, long nowMillis) {
        var received = event.received();
        var message = received.message();
        var writer = new RecordWriter(store, RecordLayout.LETTER, message.size() + 256);
        writer.putLong(number);
        writer.putIdentity(identity.high(), identity.low());
        writer.putInt(identity.digest());
        writer.putByte(event.shard());
        writer.putByte(RecordLayout.MODES.indexOf(event.mode()));
        writer.putLong(nowMillis);
        writer.putTime(event.firstSeen());
        writer.putInt(received.partition().partition());
        writer.putLong(received.position().major());
        writer.putLong(received.position().minor());
        writer.putTime(received.timestamp());
        writer.putText(received.partition().topic());
        writer.putText(event.key());
        writer.putText(event.source());
        writer.putText(event.id());
        writer.putText(event.type());
        writer.putText(message.topic());
        writer.putText(message.key());
        writer.putMap(message.attributes());
        writer.putMap(message.headers());
        var data = message.data();
        if (data == null) {
            writer.putLength(0);
        } else {
            writer.putLength(data.length() + 1L);
            writer.putBytes(data);
        }
        writer.putDefect(received.defect());
        return writer;
    }

    static RecordWriter state(StoreId store, Letter letter, HeadState state) {
        var writer = new RecordWriter(
                store,
                RecordLayout.STATE,
                256 + state.code().length() + state.detail().length());
        writer.putLong(letter.number);
        writer.putIdentity(letter.identityHigh, letter.identityLow);
        writer.putByte(letter.key.shard());
        writer.putByte(state.isDead() ? RecordLayout.FLAG_DEAD : 0);
        writer.putInt(state.attempts());
        writer.putInt(state.redrives());
        writer.putLong(state.firstFailureMillis());
        writer.putLong(state.lastFailureMillis());
        writer.putLong(state.dueAtMillis());
        writer.putLong(state.pauseMillis());
        writer.putText(state.code());
        writer.putText(state.detail());
        writer.putText(letter.key.topic());
        writer.putText(letter.key.name());
        writer.putInt(letter.digest);
        return writer;
    }

    static RecordWriter close(StoreId store, Closing closing, long nowMillis, long[] letters) {
        var writer = new RecordWriter(store, RecordLayout.CLOSE, 64 + letters.length * Long.BYTES);
        writer.putByte(closing.how().code());
        writer.putLong(nowMillis);
        writer.putText(closing.who());
        writer.putText(closing.why());
        writer.putLength(letters.length);
        for (long letter : letters) {
            writer.putLong(letter);
        }
        return writer;
    }

    byte[] array() {
        return buffer.array();
    }

    int length() {
        return buffer.position();
    }

    private void putIdentity(long high, long low) {
        putLong(high);
        putLong(low);
    }

    private void putDefect(@Nullable Defect defect) {
        if (defect == null) {
            putByte(0);
            return;
        }
        putByte(1);
        putText(defect.code());
        putText(defect.detail());
        putLength(defect.headers().size());
        for (var header : defect.headers()) {
            putText(header.name());
            putLength(header.value().length());
            putBytes(header.value());
        }
    }

    private void putMap(Map<String, String> map) {
        putLength(map.size());
        for (var each : map.entrySet()) {
            putText(each.getKey());
            putText(each.getValue());
        }
    }

    private void putText(String text) {
        byte[] bytes;
        int form = 0;
        try {
            var utf8 = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            bytes = new byte[utf8.remaining()];
            utf8.get(bytes);
        } catch (CharacterCodingException halfAPair) {
            bytes = Utf16.bytes(text);
            form = 1;
        }
        putLength(bytes.length * 2L + form);
        reserve(bytes.length);
        buffer.put(bytes);
    }

    private void putTime(Instant time) {
        putLong(time.getEpochSecond());
        putInt(time.getNano());
    }

    private void putBytes(Bytes bytes) {
        reserve(bytes.length());
        buffer.put(bytes.array(), bytes.offset(), bytes.length());
    }

    private void putLength(long length) {
        reserve(10);
        long rest = length;
        while (rest > 0x7f) {
            buffer.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        buffer.put((byte) rest);
    }

    private void putByte(int value) {
        reserve(1);
        buffer.put((byte) value);
    }

    private void putInt(int value) {
        reserve(Integer.BYTES);
        buffer.putInt(value);
    }

    private void putLong(long value) {
        reserve(Long.BYTES);
        buffer.putLong(value);
    }

    private void reserve(int bytes) {
        if (buffer.remaining() < bytes) {
            long wanted = Math.max(buffer.capacity() * 2L, buffer.position() + (long) bytes);
            int capacity = (int) Math.min(wanted, Integer.MAX_VALUE - 16);
            buffer = ByteBuffer.allocate(capacity).put(buffer.flip());
        }
    }
}
