package dev.syncline.runtime.internal.assembly;

import dev.syncline.runtime.internal.envelope.EnvelopeReader;
import dev.syncline.runtime.internal.handling.Handling;
import dev.syncline.runtime.internal.handling.MarkedHandling;
import dev.syncline.runtime.internal.ingest.PartitionGate;
import dev.syncline.runtime.internal.ingest.StoreMark;
import dev.syncline.runtime.internal.log.StoreLives;
import dev.syncline.runtime.internal.shared.SharedState;
import dev.syncline.runtime.internal.wiring.HandlerPlan;
import dev.syncline.spi.LogStore.LogScope;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/**
 * What is kept of handlers: in the data directory, or where all instances of their groups find it.
 *
 * @param parked events whose key is in trouble
 * @param outgoing events whose key is in trouble on its way to a broker; closed after the relay
 * @param inboxes what was applied
 * @param shared both, of handlers that share them
 * @param remote events whose key is in trouble, of handlers that park elsewhere
 * @param lives of the data directory
 * @param findings what any store of the instance found wrong on the disk
 */
record HandlerStores(
        ParkStores parked,
        ParkStores outgoing,
        Inboxes inboxes,
        SharedStates shared,
        RemoteParkings remote,
        StoreLives lives,
        Findings findings)
        implements AutoCloseable {

    /** What a handler on a broker remembers, here on the disk. */
    FlowState embedded(
            HandlerPlan plan,
            String broker,
            String storeId,
            boolean ownsAll,
            EnvelopeReader reader,
            InstantSource clock) {
        var parking = parked.of(plan.id(), broker, reader, clock);
        var applied = inboxes.open(plan.id(), broker, ownsAll);
        return new FlowState(
                applied,
                new MarkedHandling(plan.handling(), applied.marking(plan.handling()::kind)),
                parking,
                () -> Stream.ofNullable(parking.storeIfAny()).toList(),
                PartitionGate.OPEN,
                new StoreMark(storeId, plan.policy().adopt(), lives),
                null);
    }

    /**
     * What a handler on a broker remembers, here on the disk, but for what is parked.
     *
     * @param place where that is, for people
     */
    FlowState parkedElsewhere(
            HandlerPlan plan,
            LogScope log,
            String place,
            String storeId,
            boolean ownsAll,
            EnvelopeReader reader,
            String threadName) {
        var parking = remote.of(log, place, reader, threadName);
        var applied = inboxes.open(plan.id(), log.broker(), ownsAll);
        return new FlowState(
                applied,
                new MarkedHandling(plan.handling(), applied.marking(plan.handling()::kind)),
                parking.parking(),
                parking::stores,
                parking,
                new StoreMark(storeId, plan.policy().adopt(), lives),
                parking);
    }

    /** What a handler on a broker remembers, in the store that all instances share. */
    FlowState shared(
            SharedState.Of of, Handling handling, boolean isOrderedByLog, EnvelopeReader reader, String threadName) {
        var state = shared.of(of, isOrderedByLog, reader, threadName);
        return new FlowState(state, handling, state.parking(), state::parkStores, state, StoreMark.shared(), state);
    }

    /** Gives space back, a little per call. */
    void compact() {
        parked.compact();
        outgoing.compact();
        shared.compact();
        remote.compact();
    }

    /** What is not well, a line each. */
    List<String> problems() {
        var problems = new ArrayList<>(findings.all());
        problems.addAll(parked.problems());
        problems.addAll(outgoing.problems());
        problems.addAll(inboxes.problems());
        return problems;
    }

    /** Deletes all that is kept of a handler that is not at work. */
    void forget(String handler, String group, Collection<String> brokers) {
        shared.forget(group);
        remote.forget(handler, brokers);
        parked.forget(handler);
        inboxes.forget(handler);
    }

    /** After the lanes have ended. */
    @Override
    public void close() {
        shared.close();
        remote.close();
        parked.close();
        inboxes.close();
    }
}
