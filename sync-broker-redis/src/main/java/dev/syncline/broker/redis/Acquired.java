package dev.syncline.broker.redis;

import dev.syncline.spi.Position;
import org.jspecify.annotations.Nullable;

/**
 * What a new owner is told of a partition.
 *
 * @param token of the lease
 * @param position everything up to it is done; null if the group acknowledged nothing
 * @param metadata kept beside the position
 * @param start where the group began
 * @param delivered how far the group has read
 * @param newest the newest entry that there ever was in the stream
 * @param incarnation of the topic
 * @param gap what is missing, null if nothing is known to be
 * @param isPendingIncomplete whether entries that the group has read are neither acknowledged nor pending
 */
record Acquired(
        String token,
        @Nullable Position position,
        String metadata,
        Position start,
        Position delivered,
        Position newest,
        String incarnation,
        @Nullable String gap,
        boolean isPendingIncomplete) {

    static Acquired of(Reply reply) {
        return new Acquired(
                reply.text(1),
                reply.text(2).isEmpty() ? null : EntryId.parse(reply.text(2)),
                reply.text(3),
                EntryId.parse(reply.text(4)),
                EntryId.parse(reply.text(5)),
                EntryId.parse(reply.text(6)),
                reply.text(7),
                reply.text(8).isEmpty() ? null : reply.text(8),
                reply.number(9) == 1);
    }
}
