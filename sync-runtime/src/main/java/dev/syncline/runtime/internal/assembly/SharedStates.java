package dev.syncline.runtime.internal.assembly;

import dev.syncline.api.BrokerException;
import dev.syncline.runtime.internal.envelope.EnvelopeReader;
import dev.syncline.runtime.internal.inbox.InboxSettings;
import dev.syncline.runtime.internal.shared.SharedState;
import dev.syncline.runtime.internal.turns.Turns;
import dev.syncline.spi.StateStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The states of handlers that are shared by all instances of their group, in one store. */
final class SharedStates {

    private static final Logger LOG = LoggerFactory.getLogger(SharedStates.class);

    private static final Duration CHECK_PATIENCE = Duration.ofSeconds(3);
    private static final Duration FORGET_PATIENCE = Duration.ofSeconds(10);

    private final String application;
    private final @Nullable StateStore store;
    private final InstantSource clock;
    private final Turns turns;
    private final Findings findings;
    private final List<SharedState> opened = new CopyOnWriteArrayList<>();

    /** @param store null if nothing is shared */
    SharedStates(String application, @Nullable StateStore store, InstantSource clock, Turns turns, Findings findings) {
        this.application = application;
        this.store = store;
        this.clock = clock;
        this.turns = turns;
        this.findings = findings;
    }

    /**
     * Looks whether the store can be used; one that is away does not fail the start.
     *
     * @throws BrokerException if it refuses
     */
    void check() {
        if (store != null) {
            try {
                store.check(CHECK_PATIENCE);
            } catch (BrokerException failure) {
                if (!failure.isRetryable()) {
                    throw failure;
                }
                LOG.warn("{}: shared state: {}; handlers go on when it is back", application, failure.getMessage());
            }
        }
    }

    /** The state of a handler on a broker. */
    SharedState of(SharedState.Of of, boolean isOrderedByLog, EnvelopeReader reader, String threadName) {
        if (store == null) {
            throw new AssertionError("wiring let " + of.handler() + " share its state, and there is no store for it");
        }
        var settings = InboxSettings.defaults();
        var alarms = new HandlerAlarms(of.handler(), findings);
        var state = new SharedState(
                of,
                store,
                isOrderedByLog ? settings.orderedByLog() : settings,
                alarms,
                alarms,
                reader,
                clock,
                turns,
                threadName);
        opened.add(state);
        return state;
    }

    /** Gives space in the store back, a little per call. */
    void compact() {
        opened.forEach(SharedState::compact);
    }

    /** Forgets what a group has applied and parked. */
    void forget(String group) {
        if (store != null) {
            store.forget(group, FORGET_PATIENCE);
        }
    }

    /** After the lanes have ended. */
    void close() {
        opened.forEach(SharedState::close);
    }
}
