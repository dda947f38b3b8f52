package dev.syncline.runtime.internal.ingest;

import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.settle.Window;
import dev.syncline.spi.Position;
import dev.syncline.spi.TopicPartition;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** One partition that is ours, for one assignment of it. Poll thread. */
final class PartitionIntake {

    final TopicPartition partition;
    final Window window;

    /** Taken from the broker and not yet taken by a lane: the partition is paused until this is empty. */
    final ArrayDeque<Envelope> carry = new ArrayDeque<>();

    boolean isPaused;

    /** Whether its events may be handed on: what has to be there of it is there. */
    boolean isOpen;

    /** When it was found out that another owner took it, whatever the broker says; monotonic. */
    long stolenNanos;

    boolean isStolen;

    /** The first position that came, whatever became of it; null if none. */
    @Nullable
    Position begin;

    /** Why nothing of it is read; null if it is. */
    @Nullable
    String refusal;

    /** The newest position handed to a lane, or acknowledged before this assignment; null if none. */
    @Nullable
    Position reached;

    /** The newest position handed to the broker. */
    @Nullable
    Position acknowledged;

    /** Acknowledged before this assignment; null if nothing. */
    final @Nullable Position acknowledgedBefore;

    PartitionIntake(TopicPartition partition, int maxUncommitted, @Nullable Position acknowledgedBefore) {
        this.acknowledgedBefore = acknowledgedBefore;
        this.partition = partition;
        this.reached = acknowledgedBefore;
        this.window = new Window(maxUncommitted);
    }

    /** What is done and not yet acknowledged; null if nothing. */
    @Nullable
    Position unacknowledged() {
        var mark = window.lowWaterMark();
        return mark == null || mark.equals(acknowledged) ? null : mark;
    }
}
