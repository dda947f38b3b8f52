package dev.syncline.broker.kafka;

import dev.syncline.spi.LogStore;
import dev.syncline.spi.OwnedLog;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DeleteRecordsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/** Logs of parked events on one Kafka cluster: a topic for each handler and broker, of which partition 0 is used. */
final class KafkaLogStore implements LogStore {

    private static final Duration TAKE_PATIENCE = Duration.ofSeconds(10);
    private static final Duration TAIL_PATIENCE = Duration.ofSeconds(10);

    /** Of one fetch: what a log is read in. */
    private static final int PAGE = 256;

    private static final String DEFAULT_BROKER = "default";
    private static final long ALL = -1;

    private final KafkaSettings settings;
    private final String prefix;
    private final InstantSource clock;
    private final KafkaClients clients;
    private final KafkaFailures failures;
    private final Map<LogScope, KafkaLog> taken = new HashMap<>();
    private @Nullable Admin admin;
    private boolean isClosed;

    /** @param prefix what the names of topics begin with */
    KafkaLogStore(KafkaSettings settings, String prefix, InstantSource clock) {
        this.settings = settings;
        this.prefix = prefix;
        this.clock = clock;
        this.clients = new KafkaClients(settings);
        this.failures = new KafkaFailures(settings);
    }

    /** The topic of a log. */
    private String topic(LogScope log) {
        return prefix + "." + log.handler() + (log.broker().equals(DEFAULT_BROKER) ? "" : "." + log.broker());
    }

    /** Under which the owner of a topic's log writes. */
    static String transactionalId(String topic) {
        return "syncline.parked." + topic;
    }

    @Override
    public void check(Collection<LogScope> logs, Duration atMost) {
        new LogTopicCheck(admin(), settings, failures, atMost)
                .run(logs.stream().map(this::topic).toList());
    }

    @Override
    public CompletionStage<OwnedLog> takeLog(LogScope log, String member) {
        var topic = topic(log);
        var partition = new TopicPartition(topic, 0);
        var offsets = new LogOffsets();
        var writer = new LogWriter(
                partition,
                LogRecord.scope(log.group(), log.broker()),
                () -> clients.logProducer(transactionalId(topic)),
                () -> tail(partition),
                failures,
                offsets);
        var reader = new LogReader(partition, () -> clients.logConsumer(PAGE), failures, offsets);
        var taking = new KafkaLog(partition, writer, reader, offsets, this::admin, failures);
        replace(log, taking);
        return taking.take(() -> largest(topic), clock.millis(), log.group() + ", " + member);
    }

    private void replace(LogScope log, KafkaLog taking) {
        KafkaLog before;
        synchronized (this) {
            if (isClosed) {
                throw new IllegalStateException("the logs on kafka://" + settings.address() + " are closed");
            }
            before = taken.put(log, taking);
        }
        if (before != null) {
            before.supersede();
        }
    }

    private LogTail tail(TopicPartition partition) {
        try (var consumer = clients.logConsumer(PAGE)) {
            return LogTail.read(consumer, partition, TAIL_PATIENCE);
        }
    }

    private int largest(String topic) {
        var found = new LogTopicCheck(admin(), settings, failures, TAKE_PATIENCE).run(List.of(topic));
        long request = settings.number("max.request.size", KafkaClients.LARGEST_LOG_REQUEST);
        return (int) Math.min(found.getOrDefault(topic, 0), request);
    }

    @Override
    public void forgetLog(LogScope log, Duration atMost) {
        var topic = topic(log);
        long deadline = System.nanoTime() + atMost.toNanos();
        var all = Map.of(new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(ALL));
        try {
            // first whether it is there: a deletion would ask again and again until its time is over
            var there = new DescribeTopicsOptions().timeoutMs(millisUntil(deadline));
            await(admin().describeTopics(List.of(topic), there).allTopicNames(), deadline);
            var deletion = new DeleteRecordsOptions().timeoutMs(millisUntil(deadline));
            await(admin().deleteRecords(all, deletion).all(), deadline);
        } catch (ExecutionException failed) {
            if (!(KafkaFailures.unwrap(failed) instanceof UnknownTopicOrPartitionException)) {
                throw failures.of(failed, "forget what is parked in topic \"" + topic + "\"");
            }
        }
    }

    private void await(KafkaFuture<?> answer, long deadline) throws ExecutionException {
        try {
            answer.get(millisUntil(deadline), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw failures.away("interrupted", interrupted);
        } catch (TimeoutException late) {
            throw failures.away("tried to forget what is parked", late);
        }
    }

    private static int millisUntil(long deadlineNanos) {
        return (int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime()));
    }

    /** Made when it is first needed: opening reaches for nothing. */
    private synchronized Admin admin() {
        if (isClosed) {
            throw new IllegalStateException("the logs on kafka://" + settings.address() + " are closed");
        }
        if (admin == null) {
            try {
                admin = clients.admin();
            } catch (KafkaException unmade) {
                throw failures.unmade(unmade);
            }
        }
        return admin;
    }

    @Override
    public void close() {
        List<KafkaLog> logs;
        Admin last;
        synchronized (this) {
            isClosed = true;
            logs = List.copyOf(taken.values());
            taken.clear();
            last = admin;
            admin = null;
        }
        logs.forEach(KafkaLog::close);
        logs.forEach(KafkaLog::awaitEnd);
        if (last != null) {
            last.close(Duration.ZERO);
        }
    }

    /** As people know it. */
    @Override
    public String toString() {
        return "kafka://" + settings.address() + "/" + prefix;
    }
}
