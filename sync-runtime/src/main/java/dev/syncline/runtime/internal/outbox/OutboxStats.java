package dev.syncline.runtime.internal.outbox;

import java.time.Instant;
import java.util.Optional;

/**
 * How the outbox stands, for health and meters.
 *
 * @param lastN number of the newest entry, 0 if there never was one
 * @param lastIndex its index, -1 if there is none
 * @param visibleIndex the newest index that readers see
 * @param bytes what the log takes on the disk, about
 * @param segments how many files
 * @param oldest when the oldest retained entry was appended
 * @param damaged entries found damaged since open
 * @param gaps gaps found since open
 */
public record OutboxStats(
        long lastN,
        long lastIndex,
        long visibleIndex,
        long bytes,
        int segments,
        Optional<Instant> oldest,
        long damaged,
        long gaps) {}
