package dev.syncline.runtime.internal.log;

/**
 * Reads a log from a place on. Holds one entry at a time, as a copy in an array of its own: what was read stays
 * readable until the next call, whatever happens to the log. Makes no garbage once the array is large enough.
 *
 * <p>Threading: one thread at a time; {@link #close} from any.
 */
public interface LogReader extends AutoCloseable {

    /** What {@link #next} found. */
    enum Step {
        /** No further entry yet. */
        NOTHING,
        /** An entry: {@link #index}, {@link #array}, {@link #offset}, {@link #length}. */
        ENTRY,
        /** Bytes that are not what was appended: {@link #index} and {@link #damage}; the reader stands behind them. */
        DAMAGED
    }

    /** Moves to the next entry, if there is one. */
    Step next();

    /** The index of the entry that {@link #next} found. */
    long index();

    /** The array that holds it. */
    byte[] array();

    /** Where it begins in the array. */
    int offset();

    /** Its length in bytes. */
    int length();

    /** What is wrong with a damaged entry; empty if nothing is. */
    String damage();

    /** Next comes the first entry whose index is at least this. */
    void moveTo(long index);

    /** Next comes the first entry appended after this call. */
    void moveToEnd();

    @Override
    void close();
}
