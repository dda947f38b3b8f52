package dev.syncline.runtime.internal.relay;

import dev.syncline.spi.Position;
import java.util.Objects;

/**
 * A place in the outbox: before the entry at {@code position}, or where the next one will be.
 *
 * @param position of the first entry behind it
 * @param nBefore number of an entry before it, usually the last; 0 if none is known
 */
public record Mark(Position position, long nBefore) {

    static final Mark START = new Mark(new Position(0, 0), 0);

    public Mark {
        Objects.requireNonNull(position, "position");
    }

    boolean isAfter(Mark other) {
        return position.compareTo(other.position) > 0;
    }
}
