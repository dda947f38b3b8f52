package dev.syncline.runtime.internal.remote;

import dev.syncline.api.OutboxException;
import dev.syncline.spi.OwnedLog;
import dev.syncline.spi.OwnedLog.LogEntry;
import dev.syncline.spi.OwnedLog.LogPage;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Calls to a log elsewhere that do not wait for long, since lanes make them: a call that takes longer goes on by itself, and
 * the next one finds how it ended. Where the last answer was late or a failure, nobody waits before there is a good one.
 *
 * <p>Threading: any thread. One append and one read are under way at a time.
 */
final class RemoteCalls implements LogCalls {

    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(1);
    private static final long OPENING_PATIENCE = TimeUnit.SECONDS.toNanos(30);

    private final OwnedLog log;
    private final RemoteStatus status;
    private final Runnable beforeAppending;
    private final UnderWay<@Nullable Void> appending = new UnderWay<>();
    private final UnderWay<LogPage> reading = new UnderWay<>();
    private long appendingUpTo;
    private volatile boolean isOpening = true;

    /**
     * Calls to a log that was taken.
     *
     * @param beforeAppending notes that something is there from now on
     */
    RemoteCalls(OwnedLog log, RemoteStatus status, Runnable beforeAppending) {
        this.log = log;
        this.status = status;
        this.beforeAppending = beforeAppending;
    }

    /** All is read: from now on lanes call. */
    void opened() {
        isOpening = false;
    }

    @Override
    public int maxEntryBytes() {
        return log.maxEntryBytes();
    }

    @Override
    public void append(List<LogEntry> entries) {
        long upTo = entries.get(entries.size() - 1).index();
        appending.lock();
        try {
            if (appending.isIdle()) {
                begin(entries, upTo);
            }
            appending.await();
            if (appendingUpTo < upTo) { // that was an earlier one, which nobody had waited for to its end
                begin(entries, upTo);
                appending.await();
            }
        } finally {
            appending.unlock();
        }
    }

    private void begin(List<LogEntry> entries, long upTo) {
        status.requireOurs();
        try {
            beforeAppending.run();
        } catch (OutboxException refused) {
            throw status.failed(refused);
        }
        appendingUpTo = upTo;
        appending.begin(log.append(entries));
    }

    @Override
    public LogPage read(long from, int most) {
        status.requireOurs();
        reading.lock();
        try {
            if (!reading.isIdle()) {
                reading.await(); // somebody else's; it has to end first
            }
            reading.begin(log.readLog(from, most));
            return reading.await();
        } finally {
            reading.unlock();
        }
    }

    /** Looks whether it answers again, if it did not. Not by lanes. */
    void probe() {
        if (status.problem() != null) {
            read(0, 1);
        }
    }

    /** Not by lanes. */
    @Override
    public void drop(long before) {
        status.requireOurs();
        var dropping = new UnderWay<@Nullable Void>();
        dropping.begin(log.dropLog(before));
        dropping.await();
    }

    /** A call of one kind. */
    private final class UnderWay<T extends @Nullable Object> {

        private final ReentrantLock lock = new ReentrantLock();
        private @Nullable CompletableFuture<T> call;
        private volatile boolean isSlow;

        void lock() {
            lock.lock();
        }

        void unlock() {
            lock.unlock();
        }

        boolean isIdle() {
            return call == null;
        }

        void begin(CompletionStage<T> begun) {
            call = begun.toCompletableFuture();
        }

        /** The answer, if it comes in time; else the call stays under way. */
        T await() {
            var begun = call;
            if (begun == null) {
                throw new AssertionError("nothing is under way");
            }
            try {
                var answer = get(begun, isOpening ? OPENING_PATIENCE : isSlow ? 0 : PATIENCE);
                call = null;
                isSlow = false;
                if (!appending.isSlow) { // that it can be read says little
                    status.well();
                }
                return answer;
            } catch (TimeoutException late) {
                isSlow = true;
                throw status.silent();
            } catch (ExecutionException failed) {
                call = null;
                isSlow = true;
                throw status.failed(failed.getCause());
            }
        }
    }

    /** An interruption does not end the wait, since it may be meant for a handler; it is kept for the caller. */
    private static <T extends @Nullable Object> T get(CompletableFuture<T> call, long nanos)
            throws TimeoutException, ExecutionException {
        boolean isInterrupted = false;
        try {
            while (true) {
                try {
                    return call.get(nanos, TimeUnit.NANOSECONDS);
                } catch (InterruptedException interrupted) {
                    isInterrupted = true;
                }
            }
        } finally {
            if (isInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
