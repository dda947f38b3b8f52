package dev.syncline.runtime.internal.local;

import dev.syncline.runtime.internal.envelope.LogText;
import dev.syncline.runtime.internal.outbox.Outbox;
import dev.syncline.spi.Position;
import dev.syncline.spi.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Says where a group has to read what the outbox does not have, in words for people: what is missing is told, never
 * skipped (S18).
 */
final class LocalGaps {

    private final Outbox outbox;
    private final String group;

    LocalGaps(Outbox outbox, String group) {
        this.outbox = outbox;
        this.group = group;
    }

    /** The oldest entry of the outbox; the next one to come if it is empty. */
    record Oldest(long index, long n) {}

    Oldest oldest() {
        try (var reader = outbox.newReader()) {
            reader.moveToOldest();
            return reader.next()
                    ? new Oldest(reader.index(), reader.n())
                    : new Oldest(outbox.firstIndex(), outbox.lastN() + 1);
        }
    }

    /** Why a group that stands at {@code kept} has nothing to read there; null if it has. */
    @Nullable
    String at(TopicPartition id, Kept kept, Oldest oldest) {
        if (kept.clear().major() >= oldest.index || kept.clearN() + 1 >= oldest.n) {
            return null;
        }
        return deleted(id, kept.clear(), oldest);
    }

    /** Why there is nothing to read after a position that somebody gives; null if there is. */
    @Nullable
    String after(LocalPartition partition, Position position) {
        if (position.major() > outbox.lastIndex()) {
            return "group " + LogText.of(group) + " is to go on in " + LogText.of(partition.id.toString()) + " after "
                    + position + ", which is beyond the newest entry of the outbox, " + outbox.lastIndex()
                    + ": it lost its end, or the position is another's; seek to a position that it has";
        }
        var oldest = oldest();
        if (position.major() >= oldest.index) {
            return null;
        }
        var from = new Position(position.major(), position.minor() + 1);
        var kept = partition.kept();
        return kept.clear().compareTo(from) >= 0 && position.equals(kept.acknowledged())
                ? at(partition.id, kept, oldest)
                : deleted(partition.id, from, oldest);
    }

    private String deleted(TopicPartition id, Position position, Oldest oldest) {
        return "group " + LogText.of(group) + " has to go on in " + LogText.of(id.toString()) + " at " + position
                + ", but the oldest entry of the outbox is " + oldest.index
                + ": what lies between was deleted, and nothing was skipped; bring the files back, or forget the group"
                + " and fill the target again";
    }
}
