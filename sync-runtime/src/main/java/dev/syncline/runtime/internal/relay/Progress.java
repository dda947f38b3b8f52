package dev.syncline.runtime.internal.relay;

import dev.syncline.api.OutboxException;
import dev.syncline.spi.Position;
import java.util.HashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows what is saved of how far the relay is, and when the next saving is due. A disk that refuses is told once, and
 * asked again each time that it is due.
 *
 * <p>Threading: the relay's thread; {@link #lowestNeeded} any.
 */
final class Progress {

    private static final Logger LOG = LoggerFactory.getLogger(Progress.class);

    /** Entries for nobody move the reading mark, too; it is worth less than a destination's. */
    static final long SAVE_READ_MARK_EVERY = TimeUnit.SECONDS.toNanos(5);

    private final CursorStore store;
    private final long saveEvery;
    private Cursors saved;
    private long savedAt;
    private boolean isDirty;
    private @Nullable String problem;
    private volatile long lowestNeeded;

    /**
     * Loads what was saved last.
     *
     * @param end where the outbox ends
     */
    Progress(CursorStore store, long saveEvery, Mark end, long nowNanos) {
        this.store = store;
        this.saveEvery = saveEvery;
        saved = clamped(store, end);
        savedAt = nowNanos;
        lowestNeeded = saved.lowestNeeded();
    }

    /**
     * After a power failure the outbox may end before the cursors: what comes then is new and has to be shipped. So they
     * go back on the disk before anything comes: after that nobody could tell, and what came would be passed over.
     */
    private static Cursors clamped(CursorStore store, Mark end) {
        var cursors = store.load();
        if (cursors.destinations().values().stream().noneMatch(mark -> mark.isAfter(end))
                && !cursors.read().isAfter(end)) {
            return cursors;
        }
        LOG.warn("the cursors of the relay are ahead of the outbox, which has lost its end; they go back to its end");
        var destinations = new HashMap<>(cursors.destinations());
        destinations.replaceAll((destination, mark) -> mark.isAfter(end) ? end : mark);
        var back = Cursors.of(cursors.read().isAfter(end) ? end : cursors.read(), destinations);
        store.saveForced(back);
        return back;
    }

    /** What a relay made anew would go on from. */
    Cursors saved() {
        return saved;
    }

    /** Lowest index that a relay made anew would need. Any thread. */
    long lowestNeeded() {
        return lowestNeeded;
    }

    /** Why it is not saved; null if it is, or was not tried. */
    @Nullable
    String problem() {
        return problem;
    }

    /** A destination is further than what is saved, or new. */
    void changed() {
        isDirty = true;
    }

    /** Whether it is time to save. {@code read} is how far the outbox was read. */
    boolean isDue(Position read, long nowNanos) {
        long age = nowNanos - savedAt;
        return isDirty ? age >= saveEvery : age >= SAVE_READ_MARK_EVERY && hasRead(read);
    }

    /** When {@link #isDue} will say so if nothing comes. */
    long nanosToNextTimer(Position read, long nowNanos) {
        if (isDirty) {
            return savedAt + saveEvery - nowNanos;
        }
        return hasRead(read) ? savedAt + SAVE_READ_MARK_EVERY - nowNanos : Long.MAX_VALUE;
    }

    private boolean hasRead(Position read) {
        return read.compareTo(saved.read().position()) != 0;
    }

    /** Saves; returns whether there is a {@link #problem} that there was not, or none that there was. */
    boolean save(Cursors cursors, long nowNanos) {
        savedAt = nowNanos;
        var before = problem;
        try {
            store.save(cursors);
            saved = cursors;
            isDirty = false;
            lowestNeeded = cursors.lowestNeeded();
            problem = null;
            if (before != null) {
                LOG.info("the cursors of the relay are saved again");
            }
        } catch (OutboxException failure) {
            isDirty = true;
            problem = "the cursors of the relay are not saved: " + failure.getMessage();
            if (before == null) {
                LOG.error("the cursors of the relay are not saved, after a restart events would be repeated", failure);
            }
        }
        return before != null || problem != null;
    }
}
