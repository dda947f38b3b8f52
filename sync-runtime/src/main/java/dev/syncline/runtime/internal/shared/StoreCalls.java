package dev.syncline.runtime.internal.shared;

import dev.syncline.api.BrokerException;
import dev.syncline.runtime.internal.envelope.LogText;
import dev.syncline.runtime.internal.turns.Turns;
import dev.syncline.spi.StateFencedException;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes calls to a store until it answers. While it is away the caller waits: a lane that waits takes nothing from its
 * ring, the ring fills, and ingest pauses the partitions; no attempt is spent and nothing is settled. The wait ends when
 * the store is back, or when the partition is gone.
 *
 * <p>Threading: any thread; it blocks.
 */
final class StoreCalls {

    private static final Logger LOG = LoggerFactory.getLogger(StoreCalls.class);

    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(100);

    private final String handler;
    private final Turns turns;
    private volatile @Nullable String problem;
    private volatile boolean isClosed;

    StoreCalls(String handler, Turns turns) {
        this.handler = handler;
        this.turns = turns;
    }

    /**
     * The answer; nothing if the partition is not ours any more. An interruption does not end the wait, since it may be
     * meant for a handler that has ended a moment ago; it is kept for the caller.
     */
    <T> Optional<T> await(PartitionHold hold, Supplier<CompletionStage<T>> call) {
        boolean isInterrupted = false;
        try {
            while (true) {
                try {
                    var answer = call.get().toCompletableFuture().get();
                    noteWell();
                    return Optional.of(answer);
                } catch (InterruptedException interrupted) {
                    isInterrupted = true;
                } catch (ExecutionException failed) {
                    if (failed.getCause() instanceof StateFencedException taken) {
                        noteStolen(hold, taken);
                        return Optional.empty();
                    }
                    note(failed.getCause());
                } catch (RuntimeException unforeseen) {
                    note(unforeseen);
                }
                if (hold.isFenced() || isClosed) {
                    return Optional.empty();
                }
                turns.pause(PAUSE);
            }
        } finally {
            if (isInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** As {@link #await}, for calls that answer nothing; tells whether there was an answer. */
    boolean run(PartitionHold hold, Supplier<CompletionStage<@Nullable Void>> call) {
        return await(hold, () -> call.get().thenApply(done -> true)).isPresent();
    }

    private void noteStolen(PartitionHold hold, StateFencedException taken) {
        if (!hold.isFenced()) { // else it has stopped already
            LOG.warn(
                    "{}: {} stops here: {}; what was under way is settled by the new owner",
                    handler,
                    hold.partition,
                    taken.getMessage());
        }
        hold.stolen();
    }

    private void note(@Nullable Throwable failure) {
        var text = "shared state cannot be used, events wait: "
                + LogText.of(String.valueOf(failure == null ? null : failure.getMessage()));
        if (problem == null) {
            if (failure instanceof BrokerException known && known.isRetryable()) {
                LOG.warn("{}: {}", handler, text);
            } else {
                LOG.error("{}: {}", handler, text, failure);
            }
        }
        problem = text;
    }

    private void noteWell() {
        if (problem != null) {
            problem = null;
            LOG.info("{}: shared state answers again", handler);
        }
    }

    /** Why calls wait just now; null if they do not. */
    @Nullable
    String problem() {
        return problem;
    }

    /** Lets nobody wait any more. */
    void close() {
        isClosed = true;
    }
}
