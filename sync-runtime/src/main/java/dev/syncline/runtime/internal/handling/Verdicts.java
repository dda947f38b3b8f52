package dev.syncline.runtime.internal.handling;

import dev.syncline.api.ContractException;
import dev.syncline.api.OutboxException;
import dev.syncline.api.Outcome;
import dev.syncline.api.OutcomeException;
import dev.syncline.runtime.internal.envelope.LogText;
import dev.syncline.runtime.internal.settings.Values;
import dev.syncline.runtime.internal.wiring.HandlerPolicy;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Translates what user code answered or threw into verdicts, by the handler's policy. */
final class Verdicts {

    /** Pause after an exception of {@code holdOn}, which brings none of its own; that of the breaker (DESIGN §6). */
    static final Duration HOLD = Duration.ofSeconds(30);

    /** Wrappings that are taken off; an exception may be its own cause. */
    private static final int DEEPEST = 16;

    private final HandlerPolicy policy;

    Verdicts(HandlerPolicy policy) {
        this.policy = policy;
    }

    /** The events that an outcome publishes are the caller's business. */
    Verdict of(Outcome outcome) {
        return of(outcome, null);
    }

    Verdict of(Throwable thrown) {
        var failure = unwrapped(thrown);
        if (failure instanceof OutcomeException answer) {
            return of(answer.outcome(), answer.getCause() == null ? null : answer);
        }
        var row = policy.reactions().to(failure.getClass());
        return switch (row.reaction()) {
            case HOLD -> new Verdict.Held(HOLD, LogText.describe(failure), failure);
            case REJECT ->
                row.isBuiltIn()
                        ? rejected(failure)
                        : new Verdict.Rejected("reject.on", LogText.describe(failure), failure);
            case RETRY -> failed(failure);
        };
    }

    private static Verdict rejected(Throwable failure) {
        if (failure instanceof ContractException broken) {
            return new Verdict.Rejected(broken.code(), LogText.of(String.valueOf(broken.getMessage())), broken);
        }
        return new Verdict.Rejected("handler.error", LogText.describe(failure), failure);
    }

    private static Verdict failed(Throwable failure) {
        if (failure instanceof OutboxException disk) {
            return new Verdict.Failed("outbox", LogText.describe(disk), null, disk);
        }
        if (failure instanceof InterruptedException) {
            return new Verdict.Failed("interrupted", "the attempt was interrupted", null, failure);
        }
        return new Verdict.Failed("handler.failed", LogText.describe(failure), null, failure);
    }

    /**
     * What an attempt threw that ran longer than it may: mostly how it took its interruption, which says nothing about
     * the event. An outcome, even a thrown one, is an answer.
     */
    Verdict late(@Nullable Throwable thrown) {
        var failure = thrown == null ? null : unwrapped(thrown);
        if (failure instanceof OutcomeException) {
            return of(failure);
        }
        return new Verdict.Failed(
                "timeout",
                "it ran longer than " + Values.text(policy.timeout())
                        + (failure == null ? "" : ": " + LogText.describe(failure)),
                null,
                failure);
    }

    /** Whether a failure of several events may be the fault of some of them: not, if the target asked for time. */
    static boolean isOfEvents(Verdict failure) {
        return failure instanceof Verdict.Rejected
                || (failure instanceof Verdict.Failed failed && failed.after() == null);
    }

    /** What was thrown; null if nothing was. */
    static @Nullable Throwable cause(Verdict verdict) {
        if (verdict instanceof Verdict.Failed failed) {
            return failed.cause();
        }
        if (verdict instanceof Verdict.Rejected rejected) {
            return rejected.cause();
        }
        return verdict instanceof Verdict.Held held ? held.cause() : null;
    }

    private static Verdict of(Outcome outcome, @Nullable Throwable cause) {
        return switch (outcome.kind()) {
            case DONE -> Verdict.DONE;
            case SKIP -> new Verdict.Skipped("skip", outcome.reason());
            case RETRY_AFTER ->
                new Verdict.Failed(
                        "retry.after", outcome.reason(), outcome.delay().orElse(null), cause);
            case HOLD -> new Verdict.Held(outcome.delay().orElse(HOLD), outcome.reason(), cause);
            case REJECT -> new Verdict.Rejected("rejected", outcome.reason(), cause);
        };
    }

    /**
     * Whether the process itself is in danger. A stack overflow is not: its frames are gone, and the lane is as it was.
     */
    static boolean isFatal(Throwable failure) {
        return failure instanceof VirtualMachineError && !(failure instanceof StackOverflowError);
    }

    /** What a stage failed with comes wrapped. */
    static Throwable unwrapped(Throwable thrown) {
        var failure = thrown;
        for (int depth = 0; depth < DEEPEST; depth++) {
            if (!(failure instanceof CompletionException || failure instanceof ExecutionException)
                    || failure.getCause() == null) {
                return failure;
            }
            failure = failure.getCause();
        }
        return failure;
    }
}
