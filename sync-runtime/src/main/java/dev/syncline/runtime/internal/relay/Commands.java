package dev.syncline.runtime.internal.relay;

import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.turns.Turns;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What other threads want done by the relay's between two of its turns, so that nothing it knows changes under it.
 *
 * <p>Threading: {@link #call} by any thread, {@link #run} by the relay's, the others by whoever ends it.
 */
final class Commands {

    private final Runnable wake;
    private final Turns turns;
    private final Queue<Command<?>> waiting = new ArrayDeque<>();
    private @Nullable String end;

    Commands(Runnable wake, Turns turns) {
        this.wake = wake;
        this.turns = turns;
    }

    /**
     * Has it done, and waits for that.
     *
     * @throws OutboxException what it threw, or why it was not done
     * @throws IllegalStateException if the relay has ended
     */
    <T> T call(Supplier<T> work) {
        try {
            return turns.join(submit(work));
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof RuntimeException cause ? cause : failed;
        }
    }

    /** Has it done; the answer fails as {@link #call} does. */
    <T> CompletableFuture<T> submit(Supplier<T> work) {
        var command = new Command<>(work, new CompletableFuture<T>());
        synchronized (waiting) {
            if (end != null) {
                command.answer.completeExceptionally(new IllegalStateException(end));
                return command.answer;
            }
            waiting.add(command);
        }
        wake.run();
        return command.answer;
    }

    /** Does what waits. */
    void run() {
        for (var command = next(); command != null; command = next()) {
            command.run();
        }
    }

    /** The relay is in trouble: what waits is not done. */
    void fail(String why) {
        for (var command = next(); command != null; command = next()) {
            command.answer.completeExceptionally(new OutboxException(why));
        }
    }

    /** Nothing is done any more. */
    void end(String why) {
        synchronized (waiting) {
            end = why;
        }
        for (var command = next(); command != null; command = next()) {
            command.answer.completeExceptionally(new IllegalStateException(why));
        }
    }

    private @Nullable Command<?> next() {
        synchronized (waiting) {
            return waiting.poll();
        }
    }

    private record Command<T>(Supplier<T> work, CompletableFuture<T> answer) {

        void run() {
            try {
                answer.complete(work.get());
            } catch (RuntimeException failed) {
                answer.completeExceptionally(failed);
            }
        }
    }
}
