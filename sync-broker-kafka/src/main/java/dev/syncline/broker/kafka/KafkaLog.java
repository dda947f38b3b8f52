package dev.syncline.broker.kafka;

import dev.syncline.api.BrokerException;
import dev.syncline.spi.OwnedLog;
import dev.syncline.spi.StateFencedException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DeleteRecordsOptions;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * A log in partition 0 of a topic, in the hands of who took it. Kafka's clients for transactions block, so they are called
 * on two threads, one that writes and one that reads, which end while there is nothing to do.
 */
final class KafkaLog implements OwnedLog {

    private static final long IDLE_SECONDS = 10;
    private static final int DELETE_MILLIS = 10_000;
    private static final long CLOSE_MILLIS = 2_000;

    private final TopicPartition partition;
    private final LogWriter writer;
    private final LogReader reader;
    private final LogOffsets offsets;
    private final Supplier<Admin> admin;
    private final KafkaFailures failures;
    private final ThreadPoolExecutor writing;
    private final ThreadPoolExecutor reading;
    private volatile int maxEntryBytes;
    private volatile @Nullable RuntimeException ended;

    KafkaLog(
            TopicPartition partition,
            LogWriter writer,
            LogReader reader,
            LogOffsets offsets,
            Supplier<Admin> admin,
            KafkaFailures failures) {
        this.partition = partition;
        this.writer = writer;
        this.reader = reader;
        this.offsets = offsets;
        this.admin = admin;
        this.failures = failures;
        this.writing = thread("syncline-" + partition.topic() + "-write");
        this.reading = thread("syncline-" + partition.topic() + "-read");
    }

    private static ThreadPoolExecutor thread(String name) {
        var executor =
                new ThreadPoolExecutor(1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    var thread = new Thread(task, name);
                    thread.setDaemon(true);
                    return thread;
                });
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }

    /**
     * Takes it.
     *
     * @param largest says how large a message of the topic may be, if it may be used at all
     */
    CompletionStage<OwnedLog> take(Supplier<Integer> largest, long nowMillis, String member) {
        return call(writing, () -> {
            maxEntryBytes = Math.max(0, largest.get() - LogRecord.OVERHEAD);
            writer.take(nowMillis, member);
            return this;
        });
    }

    @Override
    public String token() {
        return Long.toString(writer.token());
    }

    @Override
    public int maxEntryBytes() {
        return maxEntryBytes;
    }

    @Override
    public CompletionStage<@Nullable Void> append(List<LogEntry> entries) {
        return call(writing, () -> {
            writer.append(entries);
            return null;
        });
    }

    @Override
    public CompletionStage<LogPage> readLog(long from, int most) {
        return call(reading, () -> reader.page(from, most));
    }

    /**
     * First says so in the topic, which only the owner can, and then has it deleted. What an owner has said that it does not
     * need nobody needs who comes after it, so it does no harm if the deletion comes late.
     */
    @Override
    public CompletionStage<@Nullable Void> dropLog(long before) {
        return call(reading, () -> reader.offsetOf(before))
                .thenCompose(first -> call(writing, () -> {
                    long said = writer.drop(before);
                    offsets.dropped(before);
                    delete(first == LogOffsets.UNKNOWN ? said : first);
                    return null;
                }));
    }

    private void delete(long beforeOffset) {
        var what = Map.of(partition, RecordsToDelete.beforeOffset(beforeOffset));
        var doing = "drop records of topic \"" + partition.topic() + "\"";
        try {
            admin.get()
                    .deleteRecords(what, new DeleteRecordsOptions().timeoutMs(DELETE_MILLIS))
                    .all()
                    .get(DELETE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
            throw failures.away("interrupted", closing);
        } catch (ExecutionException failed) {
            throw failures.of(failed, doing);
        } catch (TimeoutException late) {
            throw failures.away("tried to " + doing, late);
        }
    }

    private <T extends @Nullable Object> CompletionStage<T> call(ThreadPoolExecutor on, Supplier<T> call) {
        var answer = new CompletableFuture<T>();
        try {
            on.execute(() -> run(call, answer));
        } catch (RejectedExecutionException closed) {
            answer.completeExceptionally(reason());
        }
        return answer;
    }

    private <T extends @Nullable Object> void run(Supplier<T> call, CompletableFuture<T> answer) {
        if (ended != null) {
            answer.completeExceptionally(reason());
            return;
        }
        try {
            answer.complete(call.get());
        } catch (BrokerException | StateFencedException known) {
            answer.completeExceptionally(known);
        } catch (RuntimeException | Error failure) {
            answer.completeExceptionally(failures.of(failure, "use topic \"" + partition.topic() + "\""));
        }
    }

    private RuntimeException reason() {
        var why = ended;
        return why == null ? failures.away("the log is closed", null) : why;
    }

    /** The same application took it once more: this one is of no use any more. */
    void supersede() {
        var reason = "the log in topic \"" + partition.topic() + "\" was taken again by this instance";
        end(new StateFencedException(reason));
    }

    /** What waits for an answer fails. */
    void close() {
        end(failures.away("the log is closed", null));
    }

    private void end(RuntimeException why) {
        ended = why;
        writer.close();
        writing.shutdown();
        try {
            reading.execute(reader::close);
        } catch (RejectedExecutionException closed) {
            return;
        }
        reading.shutdown();
    }

    /** Waits a little for its threads to end; to be called after {@link #close}. */
    void awaitEnd() {
        try {
            for (var one : List.of(writing, reading)) {
                if (!one.awaitTermination(CLOSE_MILLIS, TimeUnit.MILLISECONDS)) {
                    one.shutdownNow();
                }
            }
        } catch (InterruptedException interrupted) {
            writing.shutdownNow();
            reading.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
