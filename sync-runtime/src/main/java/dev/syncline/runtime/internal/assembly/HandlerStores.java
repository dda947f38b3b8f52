package dev.syncline.runtime.internal.assembly;

import java.util.ArrayList;
import java.util.List;

/**
 * What is kept of handlers in the data directory.
 *
 * @param parked events whose key is in trouble
 * @param outgoing events whose key is in trouble on its way to a broker; closed after the relay
 * @param inboxes what was applied
 * @param findings what any store of the instance found wrong on the disk
 */
record HandlerStores(ParkStores parked, ParkStores outgoing, Inboxes inboxes, Findings findings)
        implements AutoCloseable {

    /** What is not well, a line each. */
    List<String> problems() {
        var problems = new ArrayList<>(findings.all());
        problems.addAll(parked.problems());
        problems.addAll(outgoing.problems());
        problems.addAll(inboxes.problems());
        return problems;
    }

    /** Deletes all that is kept of a handler that is not at work. */
    void forget(String handler) {
        parked.forget(handler);
        inboxes.forget(handler);
    }

    /** After the lanes have ended. */
    @Override
    public void close() {
        parked.close();
        inboxes.close();
    }
}
