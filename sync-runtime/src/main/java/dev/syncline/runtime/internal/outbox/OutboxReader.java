package dev.syncline.runtime.internal.outbox;

import dev.syncline.runtime.internal.log.LogReader;
import dev.syncline.spi.Message;
import dev.syncline.spi.Position;
import java.time.Instant;
import java.util.List;

/**
 * Goes through the entries of the outbox. Damaged entries are reported and skipped, so are numbers that are missing.
 * Makes no garbage but the messages that are asked for.
 *
 * <p>Threading: one thread at a time; {@link #close} from any.
 */
public final class OutboxReader implements AutoCloseable {

    private static final long UNKNOWN = -1;

    private final Outbox outbox;
    private final LogReader log;
    private final DocumentReader document = new DocumentReader();

    /** A document has been read from the log, and is held back until it may be seen. */
    private boolean pending;

    private long lastRead = -1;
    private long index = -1;
    private long expectedN = UNKNOWN;
    private long fromIndex;
    private int fromOrdinal;

    OutboxReader(Outbox outbox, LogReader log) {
        this.outbox = outbox;
        this.log = log;
    }

    /** Moves to the next entry. False if there is none that may be seen yet; then nothing has moved. */
    public boolean next() {
        while (index >= 0 && document.next()) {
            if (index > fromIndex || document.ordinal() >= fromOrdinal) {
                return true;
            }
        }
        while (nextDocument()) {
            while (document.next()) {
                if (index > fromIndex || document.ordinal() >= fromOrdinal) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean nextDocument() {
        long visible = outbox.visibleIndex();
        if (!pending) {
            if (lastRead >= visible || !readDocument()) {
                return false;
            }
            pending = true;
        }
        if (lastRead > visible) {
            return false;
        }
        pending = false;
        index = lastRead;
        document.open(log);
        if (!document.belongsTo(outbox.storeId())) {
            outbox.findings().damaged(index, "written by store " + document.store() + ", not by this one");
            document.skip();
            return true;
        }
        if (expectedN != UNKNOWN && document.firstN() != expectedN && !document.isRestarted()) {
            outbox.findings().gap(expectedN, document.firstN(), index);
        }
        expectedN = document.firstN() + document.count();
        return true;
    }

    private boolean readDocument() {
        while (true) {
            var step = log.next();
            if (step == LogReader.Step.NOTHING) {
                return false;
            }
            lastRead = log.index();
            if (step == LogReader.Step.ENTRY) {
                return true;
            }
            outbox.findings().damaged(log.index(), log.damage());
        }
    }

    /** Index of the document that holds the entry. */
    public long index() {
        return index;
    }

    /** Which entry of its document, from 0. */
    public int ordinal() {
        return document.ordinal();
    }

    /** Index and ordinal. */
    public Position position() {
        return new Position(index, document.ordinal());
    }

    /** Whether no further entry of the same document follows. */
    public boolean isLastOfDocument() {
        return document.ordinal() == document.count() - 1;
    }

    /** Which events were applied whose results the document holds; the same for all of its entries, usually none. */
    public List<byte[]> marks() {
        return document.marks();
    }

    /** Number of the entry. */
    public long n() {
        return document.firstN() + document.ordinal();
    }

    /** When it was appended, in milliseconds since 1970. */
    public long appendedAtMillis() {
        return document.appendedAtMillis();
    }

    /** Name of the broker it goes to; the same object for the same name. */
    public String broker() {
        return document.broker();
    }

    /** Topic it goes to; the same object for the same name. */
    public String topic() {
        return document.topic();
    }

    /** Its shard, 0 to 255. */
    public int shard() {
        return document.shard();
    }

    /** How many bytes it takes in the outbox. */
    public int bytes() {
        return document.size();
    }

    /** The message, decoded anew at each call, with its {@code outboxseq}. */
    public Message message() {
        return document.message();
    }

    /** Next comes the first entry at or after this place. */
    public void moveTo(long toIndex, int toOrdinal) {
        reset();
        log.moveTo(toIndex);
        lastRead = toIndex - 1;
        fromIndex = toIndex;
        fromOrdinal = toOrdinal;
    }

    /** Next comes the first entry after this position. */
    public void moveAfter(Position position) {
        moveTo(position.major(), Math.toIntExact(position.minor()) + 1);
    }

    /** Next comes the oldest entry. */
    public void moveToOldest() {
        moveTo(outbox.firstIndex(), 0);
    }

    /** Next comes the first entry appended after this call. */
    public void moveToEnd() {
        moveTo(outbox.lastIndex() + 1, 0);
    }

    /** Next comes the first entry appended at or after this time, by the clock of then; reads through a file. */
    public void moveTo(Instant time) {
        moveTo(segmentBefore(time.toEpochMilli()), 0);
        while (next()) {
            if (appendedAtMillis() >= time.toEpochMilli()) {
                moveTo(index, ordinal());
                return;
            }
        }
    }

    /** The first index of the newest segment that begins before that time, or of the oldest one. */
    private long segmentBefore(long millis) {
        var segments = outbox.segments();
        for (int i = segments.size() - 1; i > 0; i--) {
            moveTo(segments.get(i).firstIndex(), 0);
            if (next() && appendedAtMillis() < millis) {
                return segments.get(i).firstIndex();
            }
        }
        return segments.isEmpty() ? 0 : segments.get(0).firstIndex();
    }

    private void reset() {
        pending = false;
        index = -1;
        expectedN = UNKNOWN;
    }

    @Override
    public void close() {
        log.close();
    }
}
