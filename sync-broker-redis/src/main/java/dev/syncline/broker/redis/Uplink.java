package dev.syncline.broker.redis;

import dev.syncline.api.BrokerException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The two connections of a consumer, one for commands and one to wait on: opened together in the background, thrown away
 * together at the first doubt, opened again after a moment.
 *
 * <p>Threading: the polling thread.
 */
final class Uplink {

    private static final long PAUSE_NANOS = Duration.ofMillis(200).toNanos();

    /**
     * Both connections.
     *
     * @param waitingId by which the commands end the waiting; -1 if the server does not tell
     */
    record Pair(Session commands, Session waiting, long waitingId) {
        void close() {
            commands.close();
            waiting.close();
        }
    }

    private final Connector connector;
    private final Mailbox mailbox;
    private @Nullable CompletableFuture<Pair> opening;
    private @Nullable Pair pair;
    private @Nullable BrokerException failure;
    private long notBeforeNanos = System.nanoTime();

    Uplink(Connector connector, Mailbox mailbox) {
        this.connector = connector;
        this.mailbox = mailbox;
    }

    /** The connections, null while there are none. */
    @Nullable
    Pair pair() {
        return pair;
    }

    /** Why there is no connection; null if there is one, or if the first try is still under way. */
    @Nullable
    BrokerException failure() {
        return failure;
    }

    /** Begins to open, unless that is under way, done or too early. Returns true if there are new connections. */
    boolean open(long nowNanos) {
        if (pair != null) {
            return false;
        }
        if (opening == null) {
            if (nowNanos - notBeforeNanos >= 0) {
                opening = openBoth();
                var unused = opening.whenComplete((opened, failed) -> mailbox.post(() -> {}));
            }
            return false;
        }
        if (!opening.isDone()) {
            return false;
        }
        var opened = opening;
        opening = null;
        notBeforeNanos = nowNanos + PAUSE_NANOS;
        try {
            pair = opened.join();
            failure = null;
            return true;
        } catch (RuntimeException failed) {
            failure = Failures.translate(
                    "cannot connect to " + connector.options().address(), failed);
            return false;
        }
    }

    /** Throws the connections away. */
    void discard(BrokerException why) {
        failure = why;
        if (pair != null) {
            pair.close();
            pair = null;
        }
    }

    void close() {
        if (pair != null) {
            pair.close();
            pair = null;
        }
        if (opening != null) {
            var unused = opening.thenAccept(Pair::close);
            opening = null;
        }
    }

    private CompletableFuture<Pair> openBoth() {
        return connector
                .open()
                .thenCompose(commands -> connector
                        .open()
                        .thenCompose(waiting -> waiting.id()
                                .exceptionally(denied -> -1L) // then a wait ends by itself
                                .thenApply(id -> new Pair(commands, waiting, id)))
                        .whenComplete((both, failed) -> {
                            if (failed != null) {
                                commands.close();
                            }
                        }));
    }
}
