package dev.syncline.runtime.internal.outbox;

import static dev.syncline.runtime.internal.outbox.DocumentLayout.AT_APPENDED;
import static dev.syncline.runtime.internal.outbox.DocumentLayout.AT_COUNT;
import static dev.syncline.runtime.internal.outbox.DocumentLayout.AT_FIRST_N;
import static dev.syncline.runtime.internal.outbox.DocumentLayout.AT_FLAGS;
import static dev.syncline.runtime.internal.outbox.DocumentLayout.AT_STORE;
import static dev.syncline.runtime.internal.outbox.DocumentLayout.ENTRY_KIND;
import static dev.syncline.runtime.internal.outbox.DocumentLayout.ENTRY_ROUTE;
import static dev.syncline.runtime.internal.outbox.DocumentLayout.ENTRY_SHARD;
import static dev.syncline.runtime.internal.outbox.DocumentLayout.FLAG_RESTARTED;
import static dev.syncline.runtime.internal.outbox.DocumentLayout.HEAD;
import static dev.syncline.runtime.internal.outbox.DocumentLayout.ID_BYTES;
import static dev.syncline.runtime.internal.outbox.DocumentLayout.KIND_EVENT;
import static dev.syncline.runtime.internal.outbox.DocumentLayout.OUTBOXSEQ;
import static dev.syncline.runtime.internal.outbox.DocumentLayout.VERSION;
import static dev.syncline.runtime.internal.outbox.DocumentLayout.VERSION_WITH_MARKS;
import static dev.syncline.runtime.internal.outbox.DocumentLayout.VERSION_WITH_OUTBOX_ID;

import dev.syncline.api.ContractException;
import dev.syncline.runtime.internal.keys.Murmur2;
import dev.syncline.runtime.internal.keys.Shards;
import dev.syncline.runtime.internal.log.StoreId;
import dev.syncline.spi.Message;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Encodes entries into a buffer that is used again and again; see {@link DocumentLayout}. What is known only under the
 * outbox's lock is filled in last, by {@link #stamp}.
 *
 * <p>Threading: one thread at a time.
 */
final class DocumentWriter {

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private byte[] buffer = new byte[4 << 10];
    private int end;

    /** Begins a document that will hold {@code count} entries. */
    void begin(StoreId store, StoreId outbox, int count, List<byte[]> marks) {
        boolean hasOutboxId = !outbox.equals(store);
        end = HEAD;
        buffer[0] = (byte) (hasOutboxId ? VERSION_WITH_OUTBOX_ID : marks.isEmpty() ? VERSION : VERSION_WITH_MARKS);
        buffer[AT_FLAGS] = 0;
        buffer[AT_COUNT] = (byte) (count >>> 8);
        buffer[AT_COUNT + 1] = (byte) count;
        putId(AT_STORE, store);
        if (hasOutboxId) {
            putId(end, outbox);
            end += ID_BYTES;
        }
        if (hasOutboxId || !marks.isEmpty()) {
            putMarks(marks);
        }
    }

    private void putId(int at, StoreId id) {
        LONG.set(buffer, at, id.high());
        LONG.set(buffer, at + Long.BYTES, id.low());
    }

    private void putMarks(List<byte[]> marks) {
        int start = end;
        reserve(Integer.BYTES);
        end += Integer.BYTES;
        putLength(marks.size());
        for (var mark : marks) {
            putLength(mark.length);
            reserve(mark.length);
            System.arraycopy(mark, 0, buffer, end, mark.length);
            end += mark.length;
        }
        INT.set(buffer, start, end - start);
    }

    /** Adds an entry. */
    void add(String broker, Message message) {
        int start = end;
        reserve(ENTRY_ROUTE);
        end += ENTRY_ROUTE;
        buffer[start + ENTRY_KIND] = KIND_EVENT;
        putText(broker);
        putText(message.topic());
        int keyStart = putText(message.key());
        buffer[start + ENTRY_SHARD] = (byte)
                (message.key().isEmpty()
                        ? Shards.of(message)
                        : Shards.ofHash(Murmur2.hash(buffer, keyStart, end - keyStart)));
        putAttributes(message.attributes());
        putMap(message.headers());
        var data = message.data();
        if (data == null) {
            putLength(0);
        } else {
            putLength(data.length() + 1);
            reserve(data.length());
            System.arraycopy(data.array(), data.offset(), buffer, end, data.length());
            end += data.length();
        }
        INT.set(buffer, start, end - start);
    }

    /** Fills in what is decided at the moment of appending. */
    void stamp(long firstN, long appendedAtMillis, boolean restarted) {
        LONG.set(buffer, AT_FIRST_N, firstN);
        LONG.set(buffer, AT_APPENDED, appendedAtMillis);
        buffer[AT_FLAGS] = (byte) (restarted ? FLAG_RESTARTED : 0);
    }

    byte[] array() {
        return buffer;
    }

    int length() {
        return end;
    }

    /** Gives an outsized buffer back to the collector. */
    void shrink(int keepBytes) {
        if (buffer.length > keepBytes) {
            buffer = new byte[keepBytes];
        }
        end = 0;
    }

    /** The attributes but for {@code outboxseq}, which readers make from the number. */
    private void putAttributes(Map<String, String> attributes) {
        putLength(attributes.containsKey(OUTBOXSEQ) ? attributes.size() - 1 : attributes.size());
        for (var attribute : attributes.entrySet()) {
            if (!attribute.getKey().equals(OUTBOXSEQ)) {
                putText(attribute.getKey());
                putText(attribute.getValue());
            }
        }
    }

    private void putMap(Map<String, String> map) {
        putLength(map.size());
        for (var each : map.entrySet()) {
            putText(each.getKey());
            putText(each.getValue());
        }
    }

    private void putLength(int length) {
        reserve(5);
        int rest = length;
        while (rest > 0x7f) {
            buffer[end++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        buffer[end++] = (byte) rest;
    }

    /** Returns where the bytes of the text begin. */
    private int putText(String text) {
        int bytes = utf8Length(text);
        putLength(bytes);
        reserve(bytes);
        int start = end;
        if (bytes == text.length()) {
            putAscii(text);
        } else {
            putUtf8(text);
        }
        return start;
    }

    @SuppressWarnings("deprecation") // the one copy without garbage; drops high bytes, of which ASCII has none
    private void putAscii(String text) {
        text.getBytes(0, text.length(), buffer, end);
        end += text.length();
    }

    private void putUtf8(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                buffer[end++] = (byte) c;
            } else if (c < 0x800) {
                buffer[end++] = (byte) (0xc0 | (c >> 6));
                buffer[end++] = (byte) (0x80 | (c & 0x3f));
            } else if (Character.isHighSurrogate(c)) {
                int point = Character.toCodePoint(c, text.charAt(++i));
                buffer[end++] = (byte) (0xf0 | (point >> 18));
                buffer[end++] = (byte) (0x80 | ((point >> 12) & 0x3f));
                buffer[end++] = (byte) (0x80 | ((point >> 6) & 0x3f));
                buffer[end++] = (byte) (0x80 | (point & 0x3f));
            } else {
                buffer[end++] = (byte) (0xe0 | (c >> 12));
                buffer[end++] = (byte) (0x80 | ((c >> 6) & 0x3f));
                buffer[end++] = (byte) (0x80 | (c & 0x3f));
            }
        }
    }

    private static int utf8Length(String text) {
        int bytes = text.length();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x800) {
                bytes += 2;
                if (Character.isSurrogate(c)) {
                    if (!Character.isHighSurrogate(c)
                            || i + 1 == text.length()
                            || !Character.isLowSurrogate(text.charAt(i + 1))) {
                        throw new ContractException(
                                "invalid.utf16",
                                "a text of the message has half a surrogate pair: no broker can carry it");
                    }
                    i++; // its low half: four bytes for two characters
                }
            } else if (c >= 0x80) {
                bytes++;
            }
        }
        return bytes;
    }

    private void reserve(int more) {
        long needed = (long) end + more;
        if (needed > buffer.length) {
            if (needed > Integer.MAX_VALUE - 16) {
                throw new ContractException("document.too.large", "the events published at once take more than 2 GiB");
            }
            buffer =
                    Arrays.copyOf(buffer, (int) Math.min(Integer.MAX_VALUE - 16, Math.max(needed, buffer.length * 2L)));
        }
    }
}
