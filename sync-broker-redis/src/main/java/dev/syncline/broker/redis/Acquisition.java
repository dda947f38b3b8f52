package dev.syncline.broker.redis;

import dev.syncline.spi.TopicPartition;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One round of taking partitions of a topic: candidates in order, as many at once as are wanted, until enough are taken
 * or none is left. Assigned together when the round is over.
 *
 * <p>Threading: the polling thread.
 */
final class Acquisition {

    private final Deque<TopicPartition> candidates;
    private final List<OwnedPartition> taken = new ArrayList<>();
    private int wanted;
    private int underWay;

    Acquisition(List<TopicPartition> candidates, int wanted) {
        this.candidates = new ArrayDeque<>(candidates);
        this.wanted = wanted;
    }

    /** The next partition to try now, null if none. */
    @Nullable
    TopicPartition next() {
        if (underWay >= wanted) {
            return null;
        }
        var next = candidates.poll();
        if (next != null) {
            underWay++;
        }
        return next;
    }

    void taken(OwnedPartition partition) {
        underWay--;
        wanted--;
        taken.add(partition);
    }

    void notTaken() {
        underWay--;
    }

    boolean isOver() {
        return underWay == 0 && (wanted <= 0 || candidates.isEmpty());
    }

    List<OwnedPartition> taken() {
        return taken;
    }
}
