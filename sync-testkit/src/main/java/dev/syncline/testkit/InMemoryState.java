package dev.syncline.testkit;

import dev.syncline.api.BrokerException;
import dev.syncline.spi.LogProvider;
import dev.syncline.spi.LogStore;
import dev.syncline.spi.OwnedLog;
import dev.syncline.spi.PartitionState;
import dev.syncline.spi.StateContext;
import dev.syncline.spi.StateFencedException;
import dev.syncline.spi.StateProvider;
import dev.syncline.spi.StateStore;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Shared state, or a place to park on, in the memory of a test: several applications in one JVM work on it as several
 * processes do on a Redis. It passes the suites that every store passes. It outlives the applications, and is away when
 * told to be:
 *
 * <pre>{@code
 * var state = new InMemoryState();
 * Sync.builder("shop").broker(broker, "memory:").state(state, "memory:")…
 * Sync.builder("shop").broker(broker, "memory:").parkOn(state, "memory:")…
 * }</pre>
 *
 * <p>Threading: any thread.
 */
public final class InMemoryState implements StateProvider, LogProvider {

    private final Map<String, MemoryScope> scopes = new HashMap<>();
    private boolean isAway;

    /** An empty store. */
    public InMemoryState() {}

    /** From now on every call fails, as if nobody answered. */
    public synchronized void goAway() {
        isAway = true;
    }

    /** Answers again. */
    public synchronized void comeBack() {
        isAway = false;
    }

    @Override
    public Set<String> schemes() {
        return Set.of("memory");
    }

    @Override
    public StateStore open(StateContext context) {
        return new StateStore() {
            @Override
            public void check(Duration atMost) {
                synchronized (InMemoryState.this) {
                    requireThere();
                }
            }

            @Override
            public CompletionStage<PartitionState> take(StateScope scope, int partition, String member) {
                return answer(() -> InMemoryState.this.take(scope, partition));
            }

            @Override
            public void forget(String group, Duration atMost) {
                synchronized (InMemoryState.this) {
                    requireThere();
                    scopes.keySet().removeIf(name -> name.startsWith(group + " "));
                }
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public LogStore openLogs(StateContext context) {
        return new LogStore() {
            @Override
            public void check(Collection<LogScope> logs, Duration atMost) {
                synchronized (InMemoryState.this) {
                    requireThere();
                }
            }

            @Override
            public CompletionStage<OwnedLog> takeLog(LogScope log, String member) {
                return answer(() -> InMemoryState.this.take(scope(log), 0));
            }

            @Override
            public void forgetLog(LogScope log, Duration atMost) {
                synchronized (InMemoryState.this) {
                    requireThere();
                    scopes.remove(name(scope(log)));
                }
            }

            @Override
            public void close() {}
        };
    }

    /** Where the log of parked events is: no topic has an empty name. */
    private static StateStore.StateScope scope(LogStore.LogScope log) {
        return new StateStore.StateScope(log.group(), log.broker(), "", 1, Duration.ofDays(1));
    }

    private static String name(StateStore.StateScope scope) {
        return scope.group() + " " + scope.broker() + " " + scope.topic();
    }

    private PartitionState take(StateStore.StateScope scope, int partition) {
        var memory = scopes.computeIfAbsent(name(scope), name -> new MemoryScope());
        return memory.take(scope, partition, this);
    }

    /** Runs a call as a server would: one after the other, or not at all while it is away. */
    <T extends @Nullable Object> CompletionStage<T> answer(Supplier<T> call) {
        synchronized (this) {
            try {
                requireThere();
                return CompletableFuture.completedFuture(call.get());
            } catch (BrokerException | StateFencedException failure) {
                return CompletableFuture.failedFuture(failure);
            }
        }
    }

    private void requireThere() {
        if (isAway) {
            throw BrokerException.retryable("the state in memory was told to be away", null);
        }
    }
}
