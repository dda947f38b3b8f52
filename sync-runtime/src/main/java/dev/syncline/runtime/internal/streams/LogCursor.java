package dev.syncline.runtime.internal.streams;

import dev.syncline.spi.Position;

/**
 * Walks over the entries of a log that only grows at its end. It stands at one entry at a time; what the entry holds
 * stays readable until the next call of {@link #next}.
 *
 * <p>Threading: one thread.
 */
public interface LogCursor extends AutoCloseable {

    /** Moves to the next entry; false, staying where it is, if there is none yet. */
    boolean next();

    /** Index of the document that holds the entry. */
    long index();

    /** Which entry of the document, from 0. */
    int ordinal();

    /** Number of the entry; grows by one from entry to entry, with rare gaps. */
    long n();

    /** Next comes the first entry at or after {@code from}. */
    void moveTo(Position from);

    @Override
    void close();
}
