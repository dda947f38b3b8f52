package dev.syncline.runtime.internal.dispatch;

import dev.syncline.runtime.internal.envelope.LogText;
import dev.syncline.runtime.internal.handling.Attempt;
import dev.syncline.runtime.internal.handling.Handling;
import dev.syncline.runtime.internal.handling.Verdict;
import java.util.Collections;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the attempts of a lane, on the thread that calls, and outlives what handling does not contain. */
final class HandlerCall {

    private static final Logger LOG = LoggerFactory.getLogger(HandlerCall.class);

    private final String handler;
    private final Handling handling;
    private final AtomicReference<@Nullable Throwable> fault;

    /** @param fault where an error of the virtual machine is left, for health */
    HandlerCall(String handler, Handling handling, AtomicReference<@Nullable Throwable> fault) {
        this.handler = handler;
        this.handling = handling;
        this.fault = fault;
    }

    void run(Attempt attempt) {
        try {
            handling.attempt(attempt);
        } catch (VirtualMachineError fatal) {
            // handling contains all else; the lane goes on so that others are not stopped, and health says what
            // happened
            fault.set(fatal);
            LOG.error(
                    "{}: the handler met {}; the process may be unsound, restart it",
                    handler,
                    LogText.describe(fatal),
                    LogText.printable(fatal));
            attempt.complete(Collections.nCopies(
                    attempt.events().size(),
                    new Verdict.Failed("virtual.machine.error", LogText.describe(fatal), null, fatal)));
        }
    }
}
