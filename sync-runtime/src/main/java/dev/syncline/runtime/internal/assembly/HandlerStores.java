package dev.syncline.runtime.internal.assembly;

import dev.syncline.api.ConfigurationException;
import dev.syncline.runtime.internal.envelope.EnvelopeReader;
import dev.syncline.runtime.internal.handling.Handling;
import dev.syncline.runtime.internal.handling.MarkedHandling;
import dev.syncline.runtime.internal.ingest.PartitionGate;
import dev.syncline.runtime.internal.ingest.StoreMark;
import dev.syncline.runtime.internal.log.StoreLives;
import dev.syncline.runtime.internal.shared.SharedState;
import dev.syncline.runtime.internal.wiring.HandlerPlan;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What is kept of handlers: in the data directory, or where all instances of their groups find it.
 *
 * @param parked events whose key is in trouble
 * @param outgoing events whose key is in trouble on its way to a broker; closed after the relay
 * @param inboxes what was applied
 * @param shared both, of handlers that share them
 * @param lives of the data directory
 * @param findings what any store of the instance found wrong on the disk
 */
record HandlerStores(
        ParkStores parked,
        ParkStores outgoing,
        Inboxes inboxes,
        SharedStates shared,
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
                false);
    }

    /**
     * What a handler on a broker remembers, in the store that all instances share.
     *
     * @throws ConfigurationException if events of it are parked on the disk here, where nobody would look for them
     */
    FlowState shared(
            SharedState.Of of,
            Handling handling,
            boolean isOrderedByLog,
            EnvelopeReader reader,
            InstantSource clock,
            String threadName) {
        if (parked.isAnyParked(of.handler(), of.broker(), reader, clock)) {
            throw new ConfigurationException("events of handler \"" + of.handler() + "\" are parked in the data"
                    + " directory, and its state is to be shared from now on: start it once more with handlers."
                    + of.handler() + ".state=embedded, and redrive, skip or drop them first");
        }
        var state = shared.of(of, isOrderedByLog, reader, threadName);
        return new FlowState(state, handling, state.parking(), state::parkStores, state, StoreMark.shared(), true);
    }

    /** Gives space back, a little per call. */
    void compact() {
        parked.compact();
        outgoing.compact();
        shared.compact();
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
    void forget(String handler, String group) {
        shared.forget(group);
        parked.forget(handler);
        inboxes.forget(handler);
    }

    /** After the lanes have ended. */
    @Override
    public void close() {
        shared.close();
        parked.close();
        inboxes.close();
    }
}
