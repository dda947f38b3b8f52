package dev.syncline.runtime.internal.assembly;

import dev.syncline.api.BrokerException;
import dev.syncline.runtime.internal.envelope.EnvelopeReader;
import dev.syncline.runtime.internal.remote.PlaceFile;
import dev.syncline.runtime.internal.remote.RemoteParking;
import dev.syncline.runtime.internal.turns.Turns;
import dev.syncline.spi.LogStore;
import dev.syncline.spi.LogStore.LogScope;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parked events of handlers that are not kept in the data directory, in one store. */
final class RemoteParkings {

    private static final Logger LOG = LoggerFactory.getLogger(RemoteParkings.class);

    private static final Duration CHECK_PATIENCE = Duration.ofSeconds(3);
    private static final Duration FORGET_PATIENCE = Duration.ofSeconds(10);

    private final String application;
    private final @Nullable LogStore store;
    private final Storage storage;
    private final String member;
    private final InstantSource clock;
    private final Turns turns;
    private final Findings findings;
    private final List<RemoteParking> opened = new CopyOnWriteArrayList<>();

    /**
     * Begins with none.
     *
     * @param store null if all are kept in the data directory
     * @param storage keeps which are not
     * @param member this instance, for people
     */
    RemoteParkings(
            String application,
            @Nullable LogStore store,
            Storage storage,
            String member,
            InstantSource clock,
            Turns turns,
            Findings findings) {
        this.application = application;
        this.store = store;
        this.storage = storage;
        this.member = member;
        this.clock = clock;
        this.turns = turns;
        this.findings = findings;
    }

    /**
     * Looks whether the logs can be kept; a store that is away does not fail the start.
     *
     * @throws BrokerException if it refuses
     */
    void check(Collection<LogScope> logs) {
        if (store == null || logs.isEmpty()) {
            return;
        }
        try {
            store.check(logs, CHECK_PATIENCE);
        } catch (BrokerException failure) {
            if (!failure.isRetryable()) {
                throw failure;
            }
            LOG.warn("{}: parked events: {}; handlers go on when it is back", application, failure.getMessage());
        }
    }

    /** The parked keys of a handler on a broker. */
    RemoteParking of(LogScope log, String place, EnvelopeReader reader, String threadName) {
        if (store == null) {
            throw new AssertionError("wiring let " + log.handler() + " park elsewhere, and there is no place for it");
        }
        var alarms = new HandlerAlarms(log.handler(), findings);
        var of = new RemoteParking.Of(log, place, member);
        var file = new PlaceFile(storage.parkedElsewhere(log.handler(), log.broker()));
        var parking = new RemoteParking(of, store, file, alarms, reader, clock, turns, threadName);
        opened.add(parking);
        return parking;
    }

    /** Gives space in the store back, a little per call. */
    void compact() {
        opened.forEach(RemoteParking::compact);
    }

    /** Forgets what is parked of a handler that is not at work, on these brokers. */
    void forget(String handler, Collection<String> brokers) {
        for (var broker : brokers) {
            if (store != null) {
                store.forgetLog(new LogScope(application, handler, broker), FORGET_PATIENCE);
                continue;
            }
            var place = new PlaceFile(storage.parkedElsewhere(handler, broker)).place();
            if (!place.isEmpty()) {
                LOG.warn(
                        "{}: events of handler {} stay parked on {}, which this instance was not given; a handler of that"
                                + " name that parks there again will find them",
                        application,
                        handler,
                        place);
            }
        }
    }

    /** After the lanes have ended. */
    void close() {
        opened.forEach(RemoteParking::close);
    }
}
