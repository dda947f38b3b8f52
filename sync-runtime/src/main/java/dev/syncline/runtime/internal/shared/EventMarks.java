package dev.syncline.runtime.internal.shared;

import dev.syncline.api.EventType.Kind;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.inbox.InboxAlarms;
import dev.syncline.runtime.internal.inbox.InboxSettings;
import dev.syncline.runtime.internal.shared.PartitionHold.Asked;
import dev.syncline.runtime.internal.turns.Turns;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a store knows of events, read and written for partitions that are held, and what this process knows beside it.
 *
 * <p>Threading: lanes; it blocks as {@link StoreCalls} does.
 */
final class EventMarks {

    /** Shorter than leases and sessions are: nobody else has taken the partition within it because of our silence. */
    private static final long FRESH = TimeUnit.MILLISECONDS.toNanos(500);

    private final InboxSettings settings;
    private final InboxAlarms alarms;
    private final StoreCalls calls;
    private final Turns turns;
    private final Unmarked unmarked = new Unmarked();

    EventMarks(InboxSettings settings, InboxAlarms alarms, StoreCalls calls, Turns turns) {
        this.settings = settings;
        this.alarms = alarms;
        this.calls = calls;
        this.turns = turns;
    }

    /**
     * What the store says now; null if the partition is gone. A process that stood still may find an answer from before: the
     * partition may have another owner since, and the attempt would begin beside that one's. So an answer that took long is
     * asked for once more.
     */
    @Nullable
    Asked readFresh(PartitionHold hold, Envelope event, Kind kind) {
        long begin = turns.nanoTime();
        var asked = read(hold, event, kind);
        boolean isFresh = turns.nanoTime() - begin <= FRESH;
        return asked == null || isFresh ? asked : read(hold, event, kind);
    }

    private @Nullable Asked read(PartitionHold hold, Envelope event, Kind kind) {
        var entries = new AppliedEntries(event, kind, settings);
        return calls.await(hold, () -> hold.state().read(entries.keys()))
                .map(found -> new Asked(entries, found))
                .orElse(null);
    }

    /**
     * Says that an event was applied, also of a partition that went while it was: the store takes it as long as nobody else has
     * taken the partition there, and whoever does so reads it afterwards.
     *
     * @param before what was read of it; null if that is not known any more
     * @return false if the store could not be told, or somebody else has the partition
     */
    boolean mark(PartitionHold hold, Envelope event, Kind kind, @Nullable Asked before) {
        var asked = before;
        while (true) {
            if (asked == null) {
                asked = read(hold, event, kind);
            }
            if (asked == null) {
                return false;
            }
            var changes = asked.entries().changes(asked.found());
            if (changes.isEmpty()) {
                unmarked.remove(asked.entries());
                return true;
            }
            var isWritten = calls.await(hold, () -> hold.state().write(changes));
            if (isWritten.isEmpty()) {
                return false;
            }
            if (isWritten.get()) {
                alarmOfSecondOrigin(asked);
                unmarked.remove(asked.entries());
                return true;
            }
            asked = null; // the answer to an earlier call was lost, or the key came by another partition meanwhile
        }
    }

    private void alarmOfSecondOrigin(Asked asked) {
        if (asked.entries().isSecondOrigin(asked.found())) {
            var change = asked.entries().change();
            alarms.onSecondOrigin(change.topic(), change.key(), change.origin());
        }
    }

    /** An event was applied, and the store could not be told. */
    void noteUnmarked(Envelope event, Kind kind) {
        unmarked.add(new AppliedEntries(event, kind, settings).identity());
    }

    /** Whether the event was applied here, and the store could not be told. */
    boolean isUnmarked(AppliedEntries event) {
        return unmarked.contains(event);
    }

    /** The store has forgotten what it knew: what was not told to it is forgotten, too. */
    void forget() {
        unmarked.clear();
    }
}
