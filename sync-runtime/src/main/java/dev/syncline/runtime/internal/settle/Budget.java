package dev.syncline.runtime.internal.settle;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Bytes and number of the events in flight of one handler: taken by the poll thread, released by the lanes.
 *
 * <p>Each of them adds up in a cell of its own, which nobody else writes, apart from the others in memory. So an event
 * costs both sides plain additions, and no cache line goes to and fro; who wants to know the difference adds up the cells.
 *
 * <p>Threading: {@link #take} and {@link #isSpent} by the poll thread; {@link #release} of a cell by the one lane whose it
 * is; the rest by any thread.
 */
public final class Budget {

    private static final VarHandle CELLS = MethodHandles.arrayElementVarHandle(long[].class);

    /** Longs from cell to cell: two cache lines, since processors fetch them in pairs. */
    private static final int STRIDE = 16;

    private static final int BYTES = 0;
    private static final int EVENTS = 1;

    private final long maxBytes;
    private final int lanes;

    /** What was taken, then what each lane released; room on both sides. */
    private final long[] cells;

    /** Of the poll thread: so many bytes are known to be released. */
    private long knownReleased;

    /**
     * A budget of so many bytes; one event may exceed it, so that a large one gets through at all.
     *
     * @param lanes of the handler: a shard is that of lane shard modulo so many
     */
    public Budget(long maxBytes, int lanes) {
        this.maxBytes = maxBytes;
        this.lanes = lanes;
        this.cells = new long[(lanes + 3) * STRIDE];
    }

    /** Whether there is no room for a further event. */
    public boolean isSpent() {
        long taken = cells[STRIDE + BYTES];
        if (taken - knownReleased < maxBytes) {
            return false; // whatever was released since
        }
        knownReleased = released(BYTES);
        return taken - knownReleased >= maxBytes;
    }

    /** How many events are in flight. While some come and go it may say more than there are, never less. */
    public long events() {
        return inFlight(EVENTS);
    }

    /** How many bytes they keep; as {@link #events}. */
    public long bytes() {
        return inFlight(BYTES);
    }

    private long inFlight(int what) {
        long released = released(what); // first: what is released afterwards was taken before
        return (long) CELLS.getAcquire(cells, STRIDE + what) - released;
    }

    private long released(int what) {
        long sum = 0;
        for (int lane = 0; lane < lanes; lane++) {
            sum += (long) CELLS.getAcquire(cells, cell(lane) + what);
        }
        return sum;
    }

    /** Where the lane of a shard adds up. */
    int cell(int shard) {
        return (shard % lanes + 2) * STRIDE;
    }

    void take(int size) {
        add(STRIDE, size);
    }

    void release(int cell, int size) {
        add(cell, size);
    }

    private void add(int cell, int size) {
        CELLS.setRelease(cells, cell + BYTES, cells[cell + BYTES] + size);
        CELLS.setRelease(cells, cell + EVENTS, cells[cell + EVENTS] + 1);
    }
}
