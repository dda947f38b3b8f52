package dev.syncline.runtime.internal.streams;

/**
 * A part of a log: those entries that it wants, in their order.
 *
 * @param <C> the log's cursor
 */
public interface LogStream<C extends LogCursor> {

    /** Whether the entry at which the cursor stands is of this stream. The same answer every time, as the router's. */
    boolean wants(C entry);

    /**
     * Takes the entry at which the cursor stands. What is needed of it is taken out now: the cursor moves on. Must not
     * call the {@link LogStreams} that it belongs to.
     *
     * @return false if it cannot take it now: it will be offered again after {@link LogStreams#ready}
     */
    boolean take(C entry);
}
