package dev.syncline.runtime.internal.settle;

import dev.syncline.runtime.internal.envelope.Envelope;

/**
 * One event between ingest and its settlement: the envelope, and the place in its window. Made by ingest, ended once by
 * the lane that owns its key: {@linkplain #settle settled}, or {@linkplain #drop dropped} because its partition went.
 */
public final class InFlight {

    private final Envelope envelope;
    private final Window window;
    private final long ticket;
    private final Budget budget;
    private final int bytes;
    private final int cell;

    /** Takes what it needs of the budget. */
    public InFlight(Envelope envelope, Window window, long ticket, Budget budget) {
        this.envelope = envelope;
        this.window = window;
        this.ticket = ticket;
        this.budget = budget;
        this.bytes = envelope.size();
        this.cell = budget.cell(envelope.shard());
        budget.take(bytes);
    }

    /** What is to be handled. */
    public Envelope envelope() {
        return envelope;
    }

    /** Whether an attempt may begin; if so, {@link #end} follows it. */
    public boolean begin() {
        return window.fence().begin();
    }

    /** The attempt that began is over. */
    public void end() {
        window.fence().end();
    }

    /** Whether its partition is no longer ours, so that it must not begin. */
    public boolean isFenced() {
        return window.fence().isFenced();
    }

    /** It is done: its position may be passed. */
    public void settle() {
        window.settle(ticket);
        budget.release(cell, bytes);
    }

    /** It is let go without being done: its position is not passed, it comes again. */
    public void drop() {
        budget.release(cell, bytes);
    }
}
