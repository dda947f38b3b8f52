package dev.syncline.testkit;

import dev.syncline.api.BrokerException;
import dev.syncline.spi.Received;
import dev.syncline.spi.Subscription;
import dev.syncline.spi.TopicPartition;
import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Where a consumer stands in a partition. */
final class MemoryReading {

    private final TopicPartition partition;
    private long next;
    private boolean paused;

    /** Set by a seek, until the server can say which offset that is. */
    private @Nullable ToLongFunction<MemoryLog> sought;

    MemoryReading(TopicPartition partition, long next) {
        this.partition = partition;
        this.next = next;
    }

    void pause(boolean isPaused) {
        paused = isPaused;
    }

    /** Goes on elsewhere, as soon as {@link #resolve} can tell where that is. */
    void seek(ToLongFunction<MemoryLog> target) {
        sought = target;
    }

    void resolve(MemoryLog log) {
        if (sought != null) {
            next = sought.applyAsLong(log);
            sought = null;
        }
    }

    /** Whether messages that were taken may still be handed on. */
    boolean isFlowing() {
        return sought == null && !paused;
    }

    void delivered(long offset) {
        next = offset + 1;
    }

    /** Adds what there is to read, up to the most of a poll. */
    void take(MemoryLog log, List<Received> into, Subscription subscription) {
        if (paused) {
            return;
        }
        resolve(log);
        if (next < log.oldest() || next > log.end()) {
            throw BrokerException.refused(
                    "position " + next + " of " + partition + " is not there: the broker has " + log.oldest() + " to "
                            + log.end() + "; seek to where group \"" + subscription.group() + "\" is to go on",
                    null);
        }
        for (long offset = next; offset < log.end() && into.size() < subscription.maxPoll(); offset++) {
            var message = log.read(partition, offset);
            if (message != null) {
                into.add(message);
            }
        }
    }
}
