package dev.syncline.runtime.internal.streams;

import dev.syncline.runtime.internal.outbox.OutboxReader;
import dev.syncline.spi.Message;
import dev.syncline.spi.Position;

/** Walks over the outbox. */
public final class OutboxCursor implements LogCursor {

    private final OutboxReader reader;

    /** Takes the reader over and closes it. */
    public OutboxCursor(OutboxReader reader) {
        this.reader = reader;
    }

    @Override
    public boolean next() {
        return reader.next();
    }

    @Override
    public long index() {
        return reader.index();
    }

    @Override
    public int ordinal() {
        return reader.ordinal();
    }

    @Override
    public long n() {
        return reader.n();
    }

    /** Name of the broker that the entry goes to. */
    public String broker() {
        return reader.broker();
    }

    /** Topic that the entry goes to. */
    public String topic() {
        return reader.topic();
    }

    /** Shard of the entry's key, 0 to 255. */
    public int shard() {
        return reader.shard();
    }

    /** Bytes that the entry takes in the outbox. */
    public int bytes() {
        return reader.bytes();
    }

    /** When the entry was appended, in milliseconds since 1970. */
    public long appendedAtMillis() {
        return reader.appendedAtMillis();
    }

    /** The message, decoded at each call. */
    public Message message() {
        return reader.message();
    }

    @Override
    public void moveTo(Position from) {
        reader.moveTo(from.major(), (int) from.minor());
    }

    @Override
    public void close() {
        reader.close();
    }
}
