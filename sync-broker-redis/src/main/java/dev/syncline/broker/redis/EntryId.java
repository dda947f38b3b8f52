package dev.syncline.broker.redis;

import dev.syncline.spi.Position;
import java.time.Instant;

/** Ids of stream entries, {@code milliseconds-sequence}, as positions. */
final class EntryId {

    /** Before every entry. */
    static final Position ZERO = new Position(0, 0);

    private EntryId() {}

    static Position parse(String id) {
        int dash = id.indexOf('-');
        return new Position(
                Long.parseUnsignedLong(id, 0, dash, 10), Long.parseUnsignedLong(id, dash + 1, id.length(), 10));
    }

    /** When the server took the entry, by its clock. */
    static Instant time(Position id) {
        return Instant.ofEpochMilli(id.major() < 0 ? Long.MAX_VALUE : id.major());
    }

    /** The highest id before everything that was sent at this time or later. */
    static Position before(Instant time) {
        if (time.compareTo(Instant.EPOCH) <= 0) {
            return ZERO;
        }
        if (time.compareTo(Instant.ofEpochMilli(Long.MAX_VALUE)) >= 0) {
            return new Position(-1, -1);
        }
        long millis = time.toEpochMilli();
        boolean isWhole = Instant.ofEpochMilli(millis).equals(time);
        return new Position(isWhole ? millis - 1 : millis, -1);
    }

    static Position max(Position one, Position other) {
        return one.compareTo(other) >= 0 ? one : other;
    }
}
