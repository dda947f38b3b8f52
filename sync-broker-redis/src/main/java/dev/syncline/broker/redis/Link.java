package dev.syncline.broker.redis;

import dev.syncline.api.BrokerException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a consumer has of the server: its two connections, and answers that reach the polling thread as long as the
 * connection lives on which they were asked for. Whatever goes wrong with a connection, is refused on it, or cannot be
 * worked off, throws both connections away: on the next ones all is asked anew, so nothing is left half done.
 *
 * <p>Threading: the polling thread.
 */
final class Link {

    private final String address;
    private final Mailbox mailbox;
    private final Uplink uplink;
    private final Problems problems;
    private final Runnable onDown;
    private int generation;

    /** With what is to be done when the connections are thrown away. */
    Link(Connector connector, Mailbox mailbox, Problems problems, Runnable onDown) {
        this.address = connector.options().address();
        this.mailbox = mailbox;
        this.uplink = new Uplink(connector, mailbox);
        this.problems = problems;
        this.onDown = onDown;
    }

    /** Finds out whether the connections are gone, and opens new ones in time. Whether there are new ones. */
    boolean open(long nowNanos) {
        var pair = uplink.pair();
        if (pair != null && !(pair.commands().isOpen() && pair.waiting().isOpen())) {
            down(BrokerException.retryable("the connection to " + address + " was lost", null));
        }
        return uplink.open(nowNanos);
    }

    /** The connections, null while there are none. */
    Uplink.@Nullable Pair pair() {
        return uplink.pair();
    }

    /** The connection for commands, null while there is none. */
    @Nullable
    Session commands() {
        var pair = uplink.pair();
        return pair == null ? null : pair.commands();
    }

    /** Why there is no connection; null if there is one, or if the first try is still under way. */
    @Nullable
    BrokerException failure() {
        return uplink.failure();
    }

    /**
     * Lets the polling thread have the answer.
     *
     * @param what was not possible if it fails
     */
    <T> void on(CompletionStage<T> request, String what, Consumer<T> then) {
        on(request, what, then, this::down);
    }

    /** As above, with somebody else to decide what a failure means. */
    <T> void on(CompletionStage<T> request, String what, Consumer<T> then, Consumer<BrokerException> otherwise) {
        int askedOn = generation;
        request.whenComplete((answer, failure) -> mailbox.post(() -> {
            if (askedOn != generation) {
                return;
            }
            if (failure == null) {
                workOff(answer, what, then);
            } else {
                otherwise.accept(Failures.translate(what + " at " + address, failure));
            }
        }));
    }

    /** An answer that nobody understands must not leave a request under way for ever. */
    private <T> void workOff(T answer, String what, Consumer<T> then) {
        try {
            then.accept(answer);
        } catch (RuntimeException | AssertionError notUnderstood) {
            down(BrokerException.refused(
                    what + " at " + address + ": the answer is not understood (" + notUnderstood
                            + "): was a key of Syncline changed by hand?",
                    notUnderstood));
        }
    }

    /** Throws the connections away. */
    void down(BrokerException why) {
        generation++;
        problems.add(why);
        uplink.discard(why);
        onDown.run();
    }

    void close() {
        uplink.close();
    }
}
