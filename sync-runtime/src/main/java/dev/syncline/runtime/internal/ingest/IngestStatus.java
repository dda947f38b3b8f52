package dev.syncline.runtime.internal.ingest;

import dev.syncline.spi.Position;
import dev.syncline.spi.TopicPartition;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How an ingest is, as its poll thread last saw it.
 *
 * @param isAssigned whether the broker has answered with an assignment
 * @param lag messages between the newest and the acknowledged positions; -1 where not known
 * @param unread messages that are there and were not taken yet, an upper bound; -1 where not known
 * @param isIdle whether nothing is taken and not settled
 * @param problems what is not well, a line each
 * @param look number of the newest {@linkplain IngestDuty#askToLook request} that was made before this look
 * @param reached how far each partition that is ours was handed to lanes; {@link #NOWHERE} where nothing was
 */
record IngestStatus(
        boolean isAssigned,
        long lag,
        long unread,
        boolean isIdle,
        List<String> problems,
        long look,
        Map<TopicPartition, Optional<Position>> reached) {

    static final Optional<Position> NOWHERE = Optional.empty();

    static final IngestStatus STARTING = new IngestStatus(false, -1, -1, false, List.of(), 0, Map.of());

    IngestStatus {
        problems = List.copyOf(problems);
        reached = Map.copyOf(reached);
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
