package dev.syncline.runtime.internal.assembly;

import dev.syncline.runtime.internal.outbox.Outbox;
import dev.syncline.runtime.internal.relay.Relay;
import dev.syncline.runtime.internal.turns.Turns;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Whether all that was published is shipped and settled. Any thread. */
final class Quiet {

    private static final long LOOK_AGAIN = TimeUnit.MICROSECONDS.toNanos(200);

    private final Outbox outbox;
    private final Relay relay;
    private final List<Flow> flows;
    private final Turns turns;

    Quiet(Outbox outbox, Relay relay, List<Flow> flows, Turns turns) {
        this.outbox = outbox;
        this.relay = relay;
        this.flows = flows;
        this.turns = turns;
    }

    /**
     * What is not quiet, a line each; empty if all that was published before this call is shipped and settled, blocked
     * keys aside, and nothing was published meanwhile.
     *
     * @param endNanos until when it may wait for poll threads to look
     */
    List<String> whatIsOpen(long endNanos) {
        long before = outbox.lastN();
        var shipping = relay.status();
        if (shipping.shippedN() < before) {
            return List.of(shipping.unshipped() + " events wait in the outbox");
        }
        var open = open(flow -> flow.ingest().isSettled());
        if (open.isEmpty()) {
            open = afterAnotherLook(endNanos);
        }
        return open.isEmpty() && outbox.lastN() != before ? List.of("events were published meanwhile") : open;
    }

    /** Nothing is in flight as far as one sees; what a poll thread saw last may be older than the newest event. */
    private List<String> afterAnotherLook(long endNanos) {
        var silent = new ArrayList<String>();
        var asked = new HashMap<Flow, Long>();
        flows.forEach(flow -> asked.put(flow, flow.ingest().askToLook()));
        asked.forEach((flow, look) -> {
            if (!hasLooked(flow, look, endNanos)) {
                silent.add("handler " + flow.handler() + " does not hear of its broker");
            }
        });
        var open = open(flow -> flow.ingest().isQuiet(relay.confirmed(flow.broker())));
        return open.isEmpty() ? silent : open;
    }

    private boolean hasLooked(Flow flow, long look, long endNanos) {
        while (!flow.ingest().hasLooked(look)) {
            if (turns.nanoTime() - endNanos >= 0 || Thread.currentThread().isInterrupted()) {
                return false;
            }
            turns.pause(LOOK_AGAIN);
        }
        return true;
    }

    private List<String> open(Predicate<Flow> isQuiet) {
        return flows.stream().filter(isQuiet.negate()).map(Quiet::described).toList();
    }

    private static String described(Flow flow) {
        var unattended = flow.ingest().unattended();
        return "handler " + flow.handler() + " has " + flow.ingest().inFlight() + " events in flight, lag "
                + flow.ingest().lag() + (unattended.isEmpty() ? "" : ", " + unattended);
    }
}
