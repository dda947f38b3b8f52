package dev.syncline.runtime.internal.assembly;

import dev.syncline.runtime.internal.turns.Turns;
import dev.syncline.runtime.internal.wiring.HandlerPlan;
import dev.syncline.runtime.internal.wiring.RuntimeSettings;
import dev.syncline.runtime.internal.wiring.Wired;
import dev.syncline.spi.Broker;
import dev.syncline.spi.BrokerAddress;
import dev.syncline.spi.BrokerContext;
import dev.syncline.spi.LogStore;
import dev.syncline.spi.StateStore;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All that an instance is made of, checked, with nothing running yet.
 *
 * @param name of the application
 * @param wired handlers, routes, contracts, settings
 * @param brokers opened, not reached yet, by name; without those that are {@code local:}
 * @param locals brokers that are {@code local:}, by name
 * @param state the store of shared state, opened, not reached yet; null if there is none
 * @param logs the store of parked events, opened, not reached yet; null if they are kept in the directory
 * @param directory where the outbox lives
 * @param clock wall time
 * @param storage what is kept in the directory
 * @param ground threads and time
 */
public record Blueprint(
        String name,
        Wired wired,
        Map<String, Broker> brokers,
        Map<String, BrokerContext> locals,
        @Nullable StateStore state,
        @Nullable LogStore logs,
        Path directory,
        InstantSource clock,
        Storage storage,
        Ground ground) {

    private static final Logger LOG = LoggerFactory.getLogger(Blueprint.class);

    public Blueprint {
        brokers = Map.copyOf(brokers);
        locals = Map.copyOf(locals);
    }

    Turns turns() {
        return ground.turns();
    }

    RuntimeSettings settings() {
        return wired.settings();
    }

    /** Where events are parked elsewhere, for people. */
    String parkedOn() {
        var declared = wired.parkOn();
        return declared == null ? "" : BrokerAddress.parse(declared.uri()).toString();
    }

    /** Under which a handler reads its brokers. */
    String group(HandlerPlan plan) {
        return name + "." + plan.id();
    }

    /** This instance, for people. */
    static String member(String storeId) {
        return "process " + ProcessHandle.current().pid() + ", store " + storeId;
    }

    List<String> report() {
        return wired.report();
    }

    /** Closes the brokers and the stores beside them. */
    void close() {
        if (state != null) {
            close("the store of shared state", state::close);
        }
        if (logs != null) {
            close("the place for parked events", logs::close);
        }
        brokers.forEach((broker, opened) -> close("broker " + broker, opened::close));
    }

    private void close(String what, Runnable closing) {
        try {
            closing.run();
        } catch (RuntimeException failure) {
            LOG.warn("{}: {} did not close well", name, what, failure);
        }
    }
}
