package dev.syncline.api;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * How a batch ended where the target answers per item: all done, except those named. Immutable.
 *
 * <pre>{@code
 * var out = BatchOutcome.done();
 * for (var hit : answer.failures()) {
 *     out = out.except(hit.index(), Outcome.reject(hit.why()));
 * }
 * return out;
 * }</pre>
 */
public final class BatchOutcome {

    private static final BatchOutcome DONE = new BatchOutcome(Map.of());

    private final Map<Integer, Outcome> exceptions;

    private BatchOutcome(Map<Integer, Outcome> exceptions) {
        this.exceptions = exceptions;
    }

    /** Every event of the batch was handled. */
    public static BatchOutcome done() {
        return DONE;
    }

    /**
     * As this, but the event at {@code index} ended otherwise.
     *
     * @param index position in the list that the handler got, from 0; one outside of it fails the whole batch
     */
    public BatchOutcome except(int index, Outcome outcome) {
        Objects.requireNonNull(outcome, "outcome");
        if (index < 0) {
            throw new IllegalArgumentException("index counts from 0, not " + index);
        }
        var copy = new TreeMap<>(exceptions);
        copy.put(index, outcome);
        return new BatchOutcome(Collections.unmodifiableMap(copy));
    }

    /** The outcome of the event at {@code index}. */
    public Outcome at(int index) {
        return exceptions.getOrDefault(index, Outcome.done());
    }

    /** What did not simply end well, by index. */
    public Map<Integer, Outcome> exceptions() {
        return exceptions;
    }

    @Override
    public String toString() {
        return exceptions.isEmpty() ? "DONE" : "DONE except " + exceptions;
    }
}
