package dev.syncline.runtime.internal.settle;

import dev.syncline.spi.Position;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Remembers which events of one partition are settled, for one assignment of it, so that the acknowledged position
 * never passes unfinished work (S9).
 *
 * <p>Three parties: the poll thread {@linkplain #enter enters} events in order of position and {@linkplain #advance
 * advances} the low-water mark; the lanes {@linkplain #settle settle} them in any order.
 * One byte per event, written once by its lane with release, read by the poll thread with acquire; nobody waits.
 *
 * <pre>
 *        low                      next
 *  … ██ │ ██ ░░ ██ ██ ░░ ░░ ██ │           ██ settled   ░░ not
 *       └ acknowledged up to here, and no further
 * </pre>
 *
 * <p>A window ends with its assignment. Its {@link #fence} lets nothing begin any more; then the poll thread lets go of it, and it is dead:
 * a lane that finishes late writes into a window that nobody reads (S13).
 */
public final class Window {

    private static final VarHandle STATES = MethodHandles.arrayElementVarHandle(byte[].class);

    private static final byte OPEN = 0;
    private static final byte SETTLED = 1;

    private final int mask;
    private final byte[] states;
    private final @Nullable Position[] positions;

    private final Fence fence = new Fence();

    private final Progress progress = new Progress();

    /**
     * Opens a window.
     *
     * @param capacity most events between the low-water mark and the newest; rounded up to a power of two
     */
    public Window(int capacity) {
        if (capacity < 1 || capacity > 1 << 28) {
            throw new IllegalArgumentException("capacity of a window must be 1 to 2^28, not " + capacity);
        }
        int size = capacity == 1 ? 1 : Integer.highestOneBit(capacity - 1) << 1;
        this.mask = size - 1;
        this.states = new byte[size];
        this.positions = new Position[size];
    }

    /** Whether {@link #enter} would refuse. Poll thread. */
    public boolean isFull() {
        return progress.next - progress.low > mask;
    }

    /**
     * Enters the next event. Poll thread.
     *
     * @return its ticket, to be handed to {@link #settle}
     * @throws IllegalStateException if the window is full
     */
    public long enter(Position position) {
        if (isFull()) {
            throw new IllegalStateException("window is full");
        }
        long ticket = progress.next++;
        positions[(int) ticket & mask] = position;
        return ticket;
    }

    /**
     * Takes back the newest event, which was entered and could not be handed on. Poll thread.
     */
    public void withdraw(long ticket) {
        if (ticket != progress.next - 1) {
            throw new IllegalStateException("only the newest event can be withdrawn");
        }
        progress.next = ticket;
        positions[(int) ticket & mask] = null;
    }

    /** What may run of the partition. Any thread. */
    public Fence fence() {
        return fence;
    }

    /** The event is settled: its position may be passed. Once per ticket, by the lane that owns it. */
    public void settle(long ticket) {
        STATES.setRelease(states, (int) ticket & mask, SETTLED);
    }

    /**
     * Moves the low-water mark over what is settled. Poll thread.
     *
     * @return whether it moved
     */
    public boolean advance() {
        long from = progress.low;
        while (progress.low < progress.next && (byte) STATES.getAcquire(states, (int) progress.low & mask) == SETTLED) {
            int slot = (int) progress.low & mask;
            STATES.setOpaque(states, slot, OPEN);
            progress.lowWaterMark = positions[slot];
            positions[slot] = null;
            progress.low++;
        }
        return progress.low != from;
    }

    /** The newest position below which, and including which, all is settled; null if none yet. Poll thread. */
    public @Nullable Position lowWaterMark() {
        return progress.lowWaterMark;
    }

    /** Events entered and not below the low-water mark. Poll thread. */
    public int size() {
        return (int) (progress.next - progress.low);
    }

    /** Of the poll thread. Apart in memory: it is written with each event, and lanes read what is beside it. */
    static final class Progress extends LinePadding {
        long low;
        long next;

        @Nullable
        Position lowWaterMark;

        @SuppressWarnings("unused")
        private long b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15, b16;
    }
}
