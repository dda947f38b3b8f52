package dev.syncline.runtime.internal.ingest;

import java.util.List;

/**
 * How an ingest is, as its poll thread last saw it.
 *
 * @param isAssigned whether the broker has answered with an assignment
 * @param lag messages between the newest and the acknowledged positions; -1 where not known
 * @param unread messages that are there and were not taken yet, an upper bound; -1 where not known
 * @param isIdle whether nothing is taken and not settled
 * @param problems what is not well, a line each
 */
record IngestStatus(boolean isAssigned, long lag, long unread, boolean isIdle, List<String> problems) {

    static final IngestStatus STARTING = new IngestStatus(false, -1, -1, false, List.of());

    IngestStatus {
        problems = List.copyOf(problems);
    }
}
