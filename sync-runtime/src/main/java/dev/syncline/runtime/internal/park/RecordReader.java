package dev.syncline.runtime.internal.park;

import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.log.EventLog;
import dev.syncline.runtime.internal.log.LogReader;
import dev.syncline.runtime.internal.log.StoreId;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Defect;
import dev.syncline.spi.Defect.RawHeader;
import dev.syncline.spi.Message;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.TopicPartition;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decodes records; see {@link RecordLayout}. Trusts the bytes: the log has checked their sum. One thread.
 */
final class RecordReader {

    private final StoreId store;
    private ByteBuffer buffer = ByteBuffer.allocate(0);
    private int start;
    private int length;
    private long index;

    RecordReader(StoreId store) {
        this.store = store;
    }

    /**
     * Takes the record that the log's reader holds; good until that moves on.
     *
     * @return its kind
     * @throws OutboxException if this release does not know it, or if it is another store's
     */
    int open(LogReader log) {
        start = log.offset();
        length = log.length();
        index = log.index();
        buffer = ByteBuffer.wrap(log.array(), 0, start + length);
        if (length < RecordLayout.BODY || buffer.get(start) != RecordLayout.VERSION) {
            throw new OutboxException("entry " + index + " of the park store has format "
                    + (length == 0 ? "none" : buffer.get(start)) + ", this release reads " + RecordLayout.VERSION
                    + ": it was written by a newer release, go on with that one");
        }
        int kind = buffer.get(start + RecordLayout.AT_KIND);
        if (kind < RecordLayout.LETTER || kind > RecordLayout.CLOSE) {
            throw unknown("kind " + kind);
        }
        if (kind == RecordLayout.LETTER && buffer.get(start + RecordLayout.LETTER_MODE) >= RecordLayout.MODES.size()) {
            throw unknown("mode " + buffer.get(start + RecordLayout.LETTER_MODE));
        }
        var owner = new StoreId(
                buffer.getLong(start + RecordLayout.AT_STORE),
                buffer.getLong(start + RecordLayout.AT_STORE + Long.BYTES));
        if (!owner.equals(store)) {
            throw new OutboxException("the park store holds events of store " + owner + ", but this is store " + store
                    + ": its files were copied here from elsewhere. Move them away, or bring the file store.id of that"
                    + " store with them");
        }
        return kind;
    }

    /** Of a letter or state: the letter's name. */
    long letter() {
        long number = buffer.getLong(start + RecordLayout.AT_LETTER);
        return number < 0 ? index : number;
    }

    long identityHigh() {
        return buffer.getLong(start + RecordLayout.AT_IDENTITY);
    }

    long identityLow() {
        return buffer.getLong(start + RecordLayout.AT_IDENTITY + Long.BYTES);
    }

    int letterDigest() {
        return buffer.getInt(start + RecordLayout.LETTER_DIGEST);
    }

    int letterShard() {
        return buffer.get(start + RecordLayout.LETTER_SHARD) & 0xff;
    }

    int stateShard() {
        return buffer.get(start + RecordLayout.STATE_SHARD) & 0xff;
    }

    /** The record's bytes, as they are to be appended again. */
    byte[] copy() {
        return Arrays.copyOfRange(buffer.array(), start, start + length);
    }

    /** A letter's bytes, as they are to be appended again: it keeps its name. */
    byte[] copyOfLetter() {
        var copy = copy();
        ByteBuffer.wrap(copy).putLong(RecordLayout.AT_LETTER, letter());
        return copy;
    }

    /** A letter's bytes, to be appended as another letter. */
    byte[] copyAsNew() {
        var copy = copy();
        ByteBuffer.wrap(copy).putLong(RecordLayout.AT_LETTER, EventLog.NONE);
        return copy;
    }

    /** Of a letter: the key that it belongs to. */
    KeyName letterKey() {
        buffer.position(start + RecordLayout.LETTER_TEXTS);
        var topic = text();
        return KeyName.of(topic, text(), partition(), letterPosition());
    }

    /** Of a letter: where its event came from. */
    TopicPartition letterPartition() {
        buffer.position(start + RecordLayout.LETTER_TEXTS);
        return new TopicPartition(text(), partition());
    }

    private int partition() {
        return buffer.getInt(start + RecordLayout.LETTER_PARTITION);
    }

    /** Of a letter: where its event stood there. */
    Position letterPosition() {
        return new Position(
                buffer.getLong(start + RecordLayout.LETTER_POSITION),
                buffer.getLong(start + RecordLayout.LETTER_POSITION + Long.BYTES));
    }

    /** Of a letter: all of it. */
    ParkedEvent event() {
        var mode = RecordLayout.MODES.get(buffer.get(start + RecordLayout.LETTER_MODE));
        buffer.position(start + RecordLayout.LETTER_PARKED_AT);
        var parkedAt = Instant.ofEpochMilli(buffer.getLong());
        var firstSeen = time();
        int partition = buffer.getInt();
        var position = new Position(buffer.getLong(), buffer.getLong());
        var sentAt = time();
        var topic = text();
        var key = text();
        var source = text();
        var id = text();
        var type = text();
        var message = new Message(text(), text(), map(), map(), data());
        var received = new Received(new TopicPartition(topic, partition), position, message, sentAt, defect());
        return new ParkedEvent(letter(), received, key, source, id, type, mode, firstSeen, parkedAt);
    }

    /** Of a state: all of it. */
    HeadState state() {
        buffer.position(start + RecordLayout.STATE_FLAGS);
        boolean isDead = (buffer.get() & RecordLayout.FLAG_DEAD) != 0;
        int attempts = buffer.getInt();
        int redrives = buffer.getInt();
        long first = buffer.getLong();
        long last = buffer.getLong();
        long due = buffer.getLong();
        long pause = buffer.getLong();
        return new HeadState(attempts, redrives, text(), text(), first, last, due, pause, isDead);
    }

    /** Of a state, after {@link #state}: the key of its letter; null if an early release wrote it. */
    @Nullable
    KeyName stateKey() {
        return buffer.hasRemaining() ? new KeyName(text(), text()) : null;
    }

    /** Of a state, after {@link #stateKey}: the sum of its letter's data. */
    int stateDigest() {
        return buffer.getInt();
    }

    /** Of a close: the names of the letters. */
    long[] closed() {
        buffer.position(start + RecordLayout.BODY);
        int how = buffer.get();
        if (Closing.How.of(how) == null) {
            throw unknown("way to close " + how);
        }
        buffer.getLong();
        text();
        text();
        var letters = new long[(int) length()];
        for (int i = 0; i < letters.length; i++) {
            letters[i] = buffer.getLong();
        }
        return letters;
    }

    private OutboxException unknown(String what) {
        return new OutboxException("entry " + index + " of the park store is of " + what
                + ", unknown to this release: it was written by a newer one, go on with that one");
    }

    private @Nullable Bytes data() {
        long length = length();
        if (length == 0) {
            return null;
        }
        return length == 1 ? Bytes.empty() : bytes((int) length - 1);
    }

    private @Nullable Defect defect() {
        if (buffer.get() == 0) {
            return null;
        }
        var code = text();
        var detail = text();
        int count = (int) length();
        var headers = new ArrayList<RawHeader>(count);
        for (int i = 0; i < count; i++) {
            headers.add(new RawHeader(text(), bytes((int) length())));
        }
        return new Defect(code, detail, headers);
    }

    private Map<String, String> map() {
        int size = (int) length();
        var map = new HashMap<String, String>(size * 2);
        for (int i = 0; i < size; i++) {
            map.put(text(), text());
        }
        return map;
    }

    private String text() {
        long header = length();
        var bytes = new byte[(int) (header >>> 1)];
        buffer.get(bytes);
        return (header & 1) == 0 ? new String(bytes, StandardCharsets.UTF_8) : Utf16.text(bytes);
    }

    private Instant time() {
        return Instant.ofEpochSecond(buffer.getLong(), buffer.getInt());
    }

    private Bytes bytes(int count) {
        var bytes = new byte[count];
        buffer.get(bytes);
        return Bytes.wrap(bytes);
    }

    private long length() {
        long length = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = buffer.get();
            length |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return length;
            }
        }
    }
}
