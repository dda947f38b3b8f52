package dev.syncline.spi;

import dev.syncline.api.BrokerException;
import java.time.Duration;
import java.util.Collection;
import java.util.Objects;
import java.util.concurrent.CompletionStage;

/**
 * Keeps logs of parked events, one for each handler and broker, each with one writer. Not necessarily reachable.
 * Thread-safe.
 */
public interface LogStore extends AutoCloseable {

    /**
     * Looks whether these logs can be kept, and makes what is missing if the options ask for it. Called at start; never on
     * the hot path.
     *
     * @param atMost how long it may block
     * @throws BrokerException retryable if the store is away; refused if something is missing, permission is denied or it
     *     would lose what it is given, naming each and what to do
     */
    void check(Collection<LogScope> logs, Duration atMost);

    /**
     * Takes a log: whoever had it before can change nothing of it from now on. Does not block.
     *
     * @param member who takes it, for people
     * @return fails with {@link BrokerException}: retryable if the store is away, refused as by {@link #check}
     */
    CompletionStage<OwnedLog> takeLog(LogScope log, String member);

    /**
     * Forgets all that is in a log; nothing if nothing is.
     *
     * @throws BrokerException if the store is away or refuses
     */
    void forgetLog(LogScope log, Duration atMost);

    /** Ends everything; what waits for an answer fails. Idempotent; from any thread. */
    @Override
    void close();

    /**
     * What stands in a log: what is parked of a handler on one broker.
     *
     * @param application name of the application
     * @param handler durable id of the handler
     * @param broker name of the broker within the application; the events come from there
     */
    record LogScope(String application, String handler, String broker) {
        public LogScope {
            Objects.requireNonNull(application, "application");
            Objects.requireNonNull(handler, "handler");
            Objects.requireNonNull(broker, "broker");
        }

        /** The group of the handler. */
        public String group() {
            return application + "." + handler;
        }
    }
}
