package dev.syncline.runtime.internal.handling;

import dev.syncline.api.EventType.Kind;
import dev.syncline.runtime.internal.envelope.Envelope;
import org.jspecify.annotations.Nullable;

/**
 * The room that runs one handler: from the envelope through decoding, contract and mapping to the method, and back
 * with a verdict per event. It runs on the lane that calls it. It owns no state of keys or positions. It hands on
 * verdicts, to the attempt. Whatever user code throws ends in a verdict, never in the lane.
 */
public interface Handling {

    /** The route of events that no method takes: settled and counted without an attempt. */
    int UNHANDLED = -1;

    /**
     * Which method takes the event: a small number from 0, or {@link #UNHANDLED}. An envelope with a problem gets route
     * 0, and its attempt is rejected.
     */
    int route(Envelope envelope);

    /** Whether it tells the state of its entity, a change, or that the entity is gone. A change, if nothing says so. */
    Kind kind(Envelope envelope);

    /** How many events one attempt of the route may have; 1 unless its method takes a list. */
    int batchSize(int route);

    /**
     * Decodes, checks and maps as an attempt would, calls nobody.
     *
     * @return the code by which an attempt would be refused; null if it would be made
     */
    @Nullable
    String refusal(Envelope envelope);

    /**
     * Runs the attempt. {@link Attempt#complete} is called once: before this returns, or later from any thread if the
     * handler answers with a stage. Throws nothing, except {@code VirtualMachineError}.
     */
    void attempt(Attempt attempt);
}
