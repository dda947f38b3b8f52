package dev.syncline.spi;

import java.util.Objects;
import java.util.Set;

/**
 * What a consumer reads.
 *
 * @param group durable name under which positions are kept
 * @param topics not empty
 * @param start where a group begins in a partition that it has no position in
 * @param member name of this consumer for people: application, handler; not unique over processes
 * @param maxPoll at most so many messages per poll, 1 or more
 */
public record Subscription(String group, Set<String> topics, Start start, String member, int maxPoll) {

    public Subscription {
        Objects.requireNonNull(group, "group");
        topics = Set.copyOf(topics);
        Objects.requireNonNull(start, "start");
        Objects.requireNonNull(member, "member");
        if (topics.isEmpty() || maxPoll < 1) {
            throw new IllegalArgumentException("a subscription needs topics and a positive maxPoll");
        }
    }

    /** Where a new group begins. */
    public enum Start {
        /** At the oldest message that the broker still has. */
        EARLIEST,
        /** At the messages that come after the assignment. */
        LATEST
    }
}
