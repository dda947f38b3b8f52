package dev.syncline.testkit;

import dev.syncline.spi.AssignmentListener.Assigned;
import dev.syncline.spi.Received;
import dev.syncline.spi.TopicPartition;
import java.util.List;
import java.util.Set;

/** What the next turn of a poll does, found out under the server's lock and done outside of it. */
record MemoryTurn(
        Set<TopicPartition> lost, Set<TopicPartition> revoked, List<Assigned> assigned, List<Received> messages) {

    static final MemoryTurn NOTHING = new MemoryTurn(Set.of(), Set.of(), List.of(), List.of());

    static MemoryTurn lost(Set<TopicPartition> lost) {
        return new MemoryTurn(lost, Set.of(), List.of(), List.of());
    }

    static MemoryTurn revoked(Set<TopicPartition> revoked) {
        return new MemoryTurn(Set.of(), revoked, List.of(), List.of());
    }

    static MemoryTurn assigned(List<Assigned> assigned) {
        return new MemoryTurn(Set.of(), Set.of(), assigned, List.of());
    }

    static MemoryTurn messages(List<Received> messages) {
        return new MemoryTurn(Set.of(), Set.of(), List.of(), messages);
    }

    boolean isNothing() {
        return lost.isEmpty() && revoked.isEmpty() && assigned.isEmpty() && messages.isEmpty();
    }
}
