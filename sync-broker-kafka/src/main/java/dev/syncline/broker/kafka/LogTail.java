package dev.syncline.broker.kafka;

import dev.syncline.api.BrokerException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The last committed record of a log's topic: who owns the log, and how far it goes.
 *
 * @param scope whose log it is; 0 if there is no record
 * @param token of its owner; 0 if there is no record
 * @param newest index; 0 if there is no record
 * @param offset of the record; -1 if there is none
 */
record LogTail(long scope, long token, long newest, long offset) {

    static final LogTail EMPTY = new LogTail(0, 0, 0, -1);

    /** Records that are looked at first; what ends transactions takes offsets, too. */
    private static final long FIRST_LOOK = 64;

    private static final int WIDER = 16;
    private static final Duration POLL = Duration.ofMillis(100);

    /** @throws BrokerException retryable if it does not answer in time */
    static LogTail read(Consumer<byte[], byte[]> consumer, TopicPartition partition, Duration atMost) {
        long deadline = System.nanoTime() + atMost.toNanos();
        consumer.assign(List.of(partition));
        long begin =
                offset(consumer.beginningOffsets(List.of(partition), atMost).get(partition));
        long end = offset(consumer.endOffsets(List.of(partition), atMost).get(partition));
        for (long look = FIRST_LOOK; ; look *= WIDER) {
            long from = Math.max(begin, end - look);
            consumer.seek(partition, from);
            var found = last(consumer, partition, end, deadline);
            if (found.offset >= 0 || from == begin) {
                return found;
            }
        }
    }

    private static long offset(@Nullable Long answer) {
        return Objects.requireNonNull(answer, "the consumer answers for what it is asked");
    }

    private static LogTail last(Consumer<byte[], byte[]> consumer, TopicPartition partition, long end, long deadline) {
        var found = EMPTY;
        while (consumer.position(partition) < end) {
            if (deadline - System.nanoTime() < 0) {
                throw BrokerException.retryable(
                        "cannot read the end of topic \"" + partition.topic() + "\" time", null);
            }
            for (var record : consumer.poll(POLL)) {
                if (record.offset() < end) {
                    var decoded = LogRecord.decoded(record.value(), partition.topic(), record.offset());
                    found = new LogTail(decoded.scope(), decoded.token(), decoded.index(), record.offset());
                }
            }
        }
        return found;
    }
}
