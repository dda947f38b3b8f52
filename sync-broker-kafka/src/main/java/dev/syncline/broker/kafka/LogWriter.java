package dev.syncline.broker.kafka;

import dev.syncline.api.BrokerException;
import dev.syncline.broker.kafka.LogRecord.Kind;
import dev.syncline.spi.OwnedLog.LogEntry;
import dev.syncline.spi.StateFencedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidPidMappingException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.jspecify.annotations.Nullable;

/**
 * Writes a log into its topic, each batch in one transaction: all of it is there or nothing.
 *
 * <p>Who owns the log says the token in the topic's last record; Kafka sees to it that nobody else writes: beginning with a
 * producer of the log's transactional id ends the transactions of the one before and refuses it from then on (KIP-98). A
 * producer that met a failure is given up, since it is open what became of its transaction. Before another one is made, and
 * once it is, the last record is read: if it is not of our token somebody took the log meanwhile, and we have no part in it
 * any more. So a late owner that begins again for a moment robs the rightful one of its producer, not of its log: that one
 * finds its own token in the topic, and begins again.
 *
 * <p>One thread, which blocks; {@link #close} from any.
 */
final class LogWriter {

    private final TopicPartition partition;
    private final long scope;
    private final Supplier<Producer<byte[], byte[]>> clients;
    private final Supplier<LogTail> tail;
    private final KafkaFailures failures;
    private final LogOffsets offsets;
    private volatile @Nullable Producer<byte[], byte[]> producer;
    private volatile @Nullable String fenced;
    private volatile long token;

    LogWriter(
            TopicPartition partition,
            long scope,
            Supplier<Producer<byte[], byte[]>> clients,
            Supplier<LogTail> tail,
            KafkaFailures failures,
            LogOffsets offsets) {
        this.partition = partition;
        this.scope = scope;
        this.clients = clients;
        this.tail = tail;
        this.failures = failures;
        this.offsets = offsets;
    }

    /**
     * Takes the log.
     *
     * @param nowMillis the token is not below it, so that none comes twice, not even if the topic was emptied
     * @throws BrokerException retryable if Kafka is away, refused if the topic has something else
     */
    void take(long nowMillis, String member) {
        try {
            var begun = begin();
            var last = tail.get();
            if (last.scope() != 0 && last.scope() != scope) {
                throw BrokerException.refused(
                        "topic \"" + partition.topic() + "\" has parked events of another application or handler; name"
                                + " another topic in parkOn",
                        null);
            }
            token = Math.max(last.token() + 1, nowMillis);
            long[] at = commit(begun, List.of(LogRecord.owner(scope, token, last.newest(), member)));
            offsets.end(last.newest(), at[0]);
        } catch (KafkaException | ExecutionException failure) {
            throw failed(failure);
        }
    }

    /** What was drawn, for people; unique per log. */
    long token() {
        return token;
    }

    /** Appends what is not there yet. */
    void append(List<LogEntry> entries) {
        var written = write(newest -> {
            var records = new ArrayList<LogRecord>(entries.size());
            for (var entry : entries) {
                if (entry.index() > newest) {
                    records.add(new LogRecord(Kind.ENTRY, scope, token, entry.index(), entry.data()));
                }
            }
            return records;
        });
        for (int i = 0; i < written.records.size(); i++) {
            offsets.note(written.records.get(i).index(), written.offsets[i]);
        }
    }

    /** Says what is dropped; returns the offset at which it says so. */
    long drop(long before) {
        return write(newest -> List.of(LogRecord.drop(scope, token, newest, before))).offsets[0];
    }

    private interface Records {
        List<LogRecord> above(long newest);
    }

    private static final class Written {

        final List<LogRecord> records;
        final long[] offsets;

        Written(List<LogRecord> records, long[] offsets) {
            this.records = records;
            this.offsets = offsets;
        }
    }

    private Written write(Records records) {
        for (boolean isFirst = true; ; isFirst = false) {
            try {
                var ours = ours();
                var fresh = records.above(offsets.newest());
                if (fresh.isEmpty()) {
                    return new Written(fresh, new long[0]);
                }
                long[] at = commit(ours, fresh);
                offsets.end(fresh.get(fresh.size() - 1).index(), at[at.length - 1]);
                return new Written(fresh, at);
            } catch (KafkaException | ExecutionException failure) {
                close();
                if (!isFirst || !isAboutProducer(failure)) {
                    throw failed(failure);
                }
            }
        }
    }

    /** The producer; another one if the last was given up and the log is still ours. */
    private Producer<byte[], byte[]> ours() {
        var reason = fenced;
        if (reason != null) {
            throw new StateFencedException(reason);
        }
        var open = producer;
        if (open != null) {
            return open;
        }
        requireOurs(tail.get());
        var begun = begin();
        var last = tail.get();
        requireOurs(last);
        offsets.end(last.newest(), last.offset());
        return begun;
    }

    private void requireOurs(LogTail last) {
        if (last.token() != token) {
            var reason = last.token() == 0
                    ? "topic \"" + partition.topic() + "\" was emptied or made anew"
                    : "the log in topic \"" + partition.topic() + "\" was taken by another owner under token "
                            + last.token() + ", ours was " + token;
            fence(reason);
            throw new StateFencedException(reason);
        }
    }

    /** It is another's: nothing is written any more. */
    void fence(String reason) {
        fenced = reason;
        close();
    }

    private Producer<byte[], byte[]> begin() {
        var begun = clients.get();
        producer = begun;
        begun.initTransactions();
        return begun;
    }

    /** Where the records are once all of them are. */
    private long[] commit(Producer<byte[], byte[]> with, List<LogRecord> records) throws ExecutionException {
        with.beginTransaction();
        var answers = new ArrayList<Future<RecordMetadata>>(records.size());
        for (var record : records) {
            answers.add(
                    with.send(new ProducerRecord<>(partition.topic(), partition.partition(), null, record.encoded())));
        }
        with.commitTransaction();
        var at = new long[records.size()];
        for (int i = 0; i < at.length; i++) {
            try {
                at[i] = answers.get(i).get().offset();
            } catch (InterruptedException closing) {
                throw new InterruptException(closing);
            }
        }
        return at;
    }

    /** Whether another producer would do better at once, if the log is still ours. */
    private static boolean isAboutProducer(Throwable failure) {
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ProducerFencedException
                    || cause instanceof InvalidProducerEpochException
                    || cause instanceof InvalidPidMappingException
                    || cause instanceof InvalidTxnStateException) {
                return true;
            }
        }
        return false;
    }

    /** In our words; the client wraps what it met. */
    private BrokerException failed(Throwable failure) {
        close();
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof RecordTooLargeException || cause instanceof RecordBatchTooLargeException) {
                return BrokerException.refused(
                        "topic \"" + partition.topic() + "\" takes no messages of that size any more; raise its"
                                + " max.message.bytes again",
                        failure);
            } else if (cause instanceof TopicAuthorizationException
                    || cause instanceof TransactionalIdAuthorizationException) {
                return failures.of(cause, "write to topic \"" + partition.topic() + "\"");
            }
        }
        return BrokerException.retryable(
                "cannot write to topic \"" + partition.topic() + "\" now: " + failure.getMessage(), failure);
    }

    /** Whatever is under way is given up. */
    void close() {
        var open = producer;
        producer = null;
        if (open != null) {
            open.close(Duration.ZERO);
        }
    }
}
