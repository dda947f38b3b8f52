package dev.syncline.broker.redis;

import dev.syncline.api.BrokerException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The one connection of a store: opened when it is needed, thrown away at the first doubt, opened again with the next
 * call, a moment later at the earliest.
 *
 * <p>Threading: any thread.
 */
final class StateLink implements AutoCloseable {

    private static final long PAUSE_NANOS = Duration.ofMillis(200).toNanos();

    private final Connector connector;

    // guarded by this
    private @Nullable CompletableFuture<Session> current;
    private long notBeforeNanos = System.nanoTime();

    StateLink(Connector connector) {
        this.connector = connector;
    }

    /**
     * Runs a script on a scope.
     *
     * @param what was not possible if it fails
     */
    CompletionStage<Reply> run(Script script, String scope, List<byte[]> arguments, String what) {
        return call(session -> session.run(script, Keys.list(scope), arguments), what);
    }

    /** Does something with the connection; fails with {@link BrokerException}. */
    <T> CompletionStage<T> call(Function<Session, CompletionStage<T>> call, String what) {
        return session()
                .thenCompose(session -> call.apply(session).whenComplete((answer, failure) -> {
                    if (failure != null && !Failures.isAnswer(failure)) {
                        discard(session);
                    }
                }))
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(
                        Failures.translate(what + " at " + connector.options().address(), failure)));
    }

    private synchronized CompletableFuture<Session> session() {
        var opened = current;
        if (opened != null && (!opened.isDone() || isUsable(opened) || System.nanoTime() - notBeforeNanos < 0)) {
            return opened;
        }
        notBeforeNanos = System.nanoTime() + PAUSE_NANOS;
        current = connector.open();
        return current;
    }

    private static boolean isUsable(CompletableFuture<Session> opened) {
        return !opened.isCompletedExceptionally() && opened.join().isOpen();
    }

    private void discard(Session session) {
        session.close();
    }

    @Override
    public synchronized void close() {
        if (current != null) {
            var unused = current.thenAccept(Session::close);
        }
    }
}
