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
import static dev.syncline.runtime.internal.outbox.DocumentLayout.VERSION_WITH_OUTBOX_ID;

import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.log.LogReader;
import dev.syncline.runtime.internal.log.StoreId;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Walks through the entries of one document; see {@link DocumentLayout}. Trusts the bytes: the log has checked their
 * sum.
 *
 * <p>Threading: one thread at a time.
 */
final class DocumentReader {

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final Names names = new Names();
    private byte[] array = new byte[HEAD];
    private int start;
    private int count;
    private int atOutbox;
    private boolean hasMarks;
    private int atMarks;
    private @Nullable StoreId outbox;
    private String outboxText = "";
    private int ordinal = -1;
    private int entry;
    private int afterRoute;
    private int at;
    private String broker = "";
    private String topic = "";

    /** Takes a document from the reader; it stands before its first entry. */
    void open(LogReader log) {
        array = log.array();
        start = log.offset();
        int version = log.length() < HEAD ? 0 : array[start];
        if (version < VERSION || version > VERSION_WITH_OUTBOX_ID) {
            throw new OutboxException("entry " + log.index() + " of the outbox has format "
                    + (log.length() == 0 ? "none" : array[start]) + ", this release reads up to "
                    + VERSION_WITH_OUTBOX_ID + ": it was written by a newer release, go on with that one");
        }
        boolean hasOutboxId = version == VERSION_WITH_OUTBOX_ID;
        atOutbox = start + (hasOutboxId ? HEAD : AT_STORE);
        atMarks = start + HEAD + (hasOutboxId ? ID_BYTES : 0);
        hasMarks = version != VERSION;
        count = ((array[start + AT_COUNT] & 0xff) << 8) | (array[start + AT_COUNT + 1] & 0xff);
        ordinal = -1;
        entry = atMarks + (hasMarks ? (int) INT.get(array, atMarks) : 0);
        at = entry;
    }

    /** Which events were applied whose results these are; usually none. */
    List<byte[]> marks() {
        if (!hasMarks) {
            return List.of();
        }
        int before = at;
        at = atMarks + Integer.BYTES;
        int size = length();
        var marks = new ArrayList<byte[]>(size);
        for (int i = 0; i < size; i++) {
            int length = length();
            marks.add(Arrays.copyOfRange(array, at, at + length));
            at += length;
        }
        at = before;
        return marks;
    }

    /** Leaves out what it holds. */
    void skip() {
        count = 0;
    }

    boolean belongsTo(StoreId store) {
        return isAt(start + AT_STORE, store);
    }

    StoreId store() {
        return id(start + AT_STORE);
    }

    /** Id of the outbox under which the numbers were given; made anew only where it changes. */
    private String outboxText() {
        if (outbox == null || !isAt(atOutbox, outbox)) {
            outbox = id(atOutbox);
            outboxText = outbox.toString();
        }
        return outboxText;
    }

    private boolean isAt(int place, StoreId id) {
        return (long) LONG.get(array, place) == id.high() && (long) LONG.get(array, place + Long.BYTES) == id.low();
    }

    private StoreId id(int place) {
        return new StoreId((long) LONG.get(array, place), (long) LONG.get(array, place + Long.BYTES));
    }

    int count() {
        return count;
    }

    long firstN() {
        return (long) LONG.get(array, start + AT_FIRST_N);
    }

    long appendedAtMillis() {
        return (long) LONG.get(array, start + AT_APPENDED);
    }

    boolean isRestarted() {
        return (array[start + AT_FLAGS] & FLAG_RESTARTED) != 0;
    }

    /** Moves to the next entry and reads its route. */
    boolean next() {
        if (ordinal + 1 >= count) {
            return false;
        }
        if (ordinal >= 0) {
            entry += (int) INT.get(array, entry);
        }
        ordinal++;
        if (array[entry + ENTRY_KIND] != KIND_EVENT) {
            throw new OutboxException("an entry of the outbox is of kind " + array[entry + ENTRY_KIND]
                    + ", unknown to this release: it was written by a newer one, go on with that one");
        }
        at = entry + ENTRY_ROUTE;
        broker = name();
        topic = name();
        afterRoute = at;
        return true;
    }

    int ordinal() {
        return ordinal;
    }

    int shard() {
        return array[entry + ENTRY_SHARD] & 0xff;
    }

    String broker() {
        return broker;
    }

    String topic() {
        return topic;
    }

    /** Bytes of the entry. */
    int size() {
        return (int) INT.get(array, entry);
    }

    /** Decodes the message of the entry, with its {@code outboxseq}. */
    Message message() {
        at = afterRoute;
        String key = text();
        var attributes = map(true);
        var headers = map(false);
        int length = length();
        Bytes data = null;
        if (length == 1) {
            data = Bytes.empty();
        } else if (length > 1) {
            data = Bytes.wrap(Arrays.copyOfRange(array, at, at + length - 1));
        }
        return new Message(topic, key, attributes, headers, data);
    }

    private Map<String, String> map(boolean withSequence) {
        int size = length();
        @SuppressWarnings({"unchecked", "rawtypes"})
        Map.Entry<String, String>[] entries = new Map.Entry[withSequence ? size + 1 : size];
        for (int i = 0; i < size; i++) {
            String name = name();
            entries[i] = Map.entry(name, text());
        }
        if (withSequence) {
            entries[size] = Map.entry(OUTBOXSEQ, outboxText() + ":" + (firstN() + ordinal));
        }
        return Map.ofEntries(entries);
    }

    private String name() {
        int length = length();
        String name = names.of(array, at, length);
        at += length;
        return name;
    }

    private String text() {
        int length = length();
        String text = new String(array, at, length, StandardCharsets.UTF_8);
        at += length;
        return text;
    }

    private int length() {
        int length = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = array[at++];
            length |= (next & 0x7f) << shift;
            if (next >= 0) {
                return length;
            }
        }
    }
}
