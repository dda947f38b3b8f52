package dev.syncline.runtime.internal.handling;

import dev.syncline.api.EventType.Kind;
import dev.syncline.runtime.internal.envelope.Envelope;
import org.jspecify.annotations.Nullable;

/** A handling whose attempts keep marks beside what they publish. */
public final class MarkedHandling implements Handling {

    private final Handling handling;
    private final Marking marking;

    /** That of a handler on one broker; the marks are this pair's. */
    public MarkedHandling(Handling handling, Marking marking) {
        this.handling = handling;
        this.marking = marking;
    }

    @Override
    public int route(Envelope envelope) {
        return handling.route(envelope);
    }

    @Override
    public Kind kind(Envelope envelope) {
        return handling.kind(envelope);
    }

    @Override
    public int batchSize(int route) {
        return handling.batchSize(route);
    }

    @Override
    public @Nullable String refusal(Envelope envelope) {
        return handling.refusal(envelope);
    }

    @Override
    public void attempt(Attempt attempt) {
        attempt.markBy(marking);
        handling.attempt(attempt);
    }
}
