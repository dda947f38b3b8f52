package dev.syncline.broker.kafka;

import dev.syncline.spi.OwnedLog.LogEntry;
import dev.syncline.spi.OwnedLog.LogPage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Reads a log out of its topic, what is committed only. An entry that was just appended is waited for until the broker shows
 * it. One thread.
 */
final class LogReader {

    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final long NOWHERE = -1;

    private final TopicPartition partition;
    private final Supplier<Consumer<byte[], byte[]>> clients;
    private final KafkaFailures failures;
    private final LogOffsets offsets;
    private @Nullable Consumer<byte[], byte[]> consumer;

    /** The index after the last one read, if the consumer stands just there. */
    private long next = NOWHERE;

    LogReader(
            TopicPartition partition,
            Supplier<Consumer<byte[], byte[]>> clients,
            KafkaFailures failures,
            LogOffsets offsets) {
        this.partition = partition;
        this.clients = clients;
        this.failures = failures;
        this.offsets = offsets;
    }

    /** Entries from an index on: those of one fetch, at most so many. */
    LogPage page(long from, int most) {
        long wanted = Math.max(from, offsets.lowest());
        long newest = offsets.newest();
        var entries = new ArrayList<LogEntry>();
        if (wanted <= newest) {
            read(wanted, (record, offset) -> {
                if (entries.size() < most) {
                    entries.add(new LogEntry(record.index(), record.data()));
                    return true;
                }
                return false;
            });
        }
        return new LogPage(entries, newest);
    }

    /** The offset of the first entry from an index on; {@link LogOffsets#UNKNOWN} if there is none. */
    long offsetOf(long index) {
        long[] found = {LogOffsets.UNKNOWN};
        if (index <= offsets.newest()) {
            read(index, (record, offset) -> {
                if (found[0] == LogOffsets.UNKNOWN) {
                    found[0] = offset;
                }
                return false;
            });
        }
        return found[0];
    }

    private interface Sink {

        /** Takes an entry; false if it was one too many. */
        boolean take(LogRecord record, long offset);
    }

    private void read(long from, Sink sink) {
        try {
            var open = consumer();
            if (next != from) {
                seek(open, from);
            }
            next = NOWHERE;
            fetch(open, from, sink);
        } catch (KafkaException failure) {
            close();
            throw failures.of(failure, "read topic \"" + partition.topic() + "\"");
        }
    }

    private void seek(Consumer<byte[], byte[]> open, long from) {
        long offset = offsets.floor(from);
        if (offset == LogOffsets.UNKNOWN) {
            open.seekToBeginning(List.of(partition));
        } else {
            open.seek(partition, offset);
        }
    }

    /** Until something was found, or all that is ours was looked at. */
    private void fetch(Consumer<byte[], byte[]> open, long from, Sink sink) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        boolean isFound = false;
        while (!isFound && open.position(partition, PATIENCE) <= offsets.last()) {
            if (deadline - System.nanoTime() < 0) {
                throw failures.away("tried to read topic \"" + partition.topic() + "\"", null);
            }
            long last = from - 1;
            boolean isAll = true;
            for (var record : poll(open)) {
                var decoded = LogRecord.decoded(record.value(), partition.topic(), record.offset());
                if (decoded.isEntry()) {
                    offsets.note(decoded.index(), record.offset());
                    if (decoded.index() >= from) {
                        isFound = true;
                        isAll &= sink.take(decoded, record.offset());
                        last = decoded.index();
                    }
                }
            }
            next = isFound && isAll ? last + 1 : NOWHERE;
        }
    }

    private Iterable<ConsumerRecord<byte[], byte[]>> poll(Consumer<byte[], byte[]> open) {
        try {
            return open.poll(POLL);
        } catch (OffsetOutOfRangeException dropped) {
            open.seekToBeginning(List.of(partition));
            return List.of();
        }
    }

    private Consumer<byte[], byte[]> consumer() {
        var open = consumer;
        if (open == null) {
            open = clients.get();
            consumer = open;
            next = NOWHERE;
            open.assign(List.of(partition));
        }
        return open;
    }

    void close() {
        var open = consumer;
        consumer = null;
        next = NOWHERE;
        if (open != null) {
            open.close(CloseOptions.timeout(Duration.ZERO));
        }
    }
}
