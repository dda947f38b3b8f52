package dev.syncline.runtime.internal.ingest;

import dev.syncline.spi.Position;
import dev.syncline.spi.TopicPartition;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How an ingest is, as its poll thread last saw it.
 *
 * @param isAssigned whether the broker has answered with an assignment
 * @param lag messages between the newest and the acknowledged positions; -1 where not known
 * @param unread messages that are there and were not taken yet, an upper bound; -1 where not known
 * @param isIdle whether nothing is taken and not settled
 * @param problems what is not well, a line each
 * @param look number of the newest {@linkplain IngestDuty#askToLook request} that was made before this look
 * @param unattended partitions of others that nobody who is known to live reads; null where that is not known
 * @param reached how far each partition that is ours was handed to lanes; {@link #NOWHERE} where nothing was
 */
record IngestStatus(
        boolean isAssigned,
        long lag,
        long unread,
        boolean isIdle,
        List<String> problems,
        long look,
        @Nullable Set<TopicPartition> unattended,
        Map<TopicPartition, Optional<Position>> reached) {

    static final Optional<Position> NOWHERE = Optional.empty();

    static final IngestStatus STARTING = new IngestStatus(false, -1, -1, false, List.of(), 0, null, Map.of());

    IngestStatus {
        problems = List.copyOf(problems);
        unattended = unattended == null ? null : Set.copyOf(unattended);
        reached = Map.copyOf(reached);
    }

    /** Whether each partition of others has a reader that is known to live, as far as the broker can tell of any. */
    boolean isAttended() {
        return unattended != null && unattended.isEmpty();
    }

    /** Whether all partitions that are ours were read up to there; of others we cannot know. */
    boolean hasReached(Map<TopicPartition, Position> newest) {
        return reached.entrySet().stream().allMatch(ours -> {
            var position = newest.get(ours.getKey());
            return position == null
                    || ours.getValue().filter(at -> at.compareTo(position) >= 0).isPresent();
        });
    }
}
