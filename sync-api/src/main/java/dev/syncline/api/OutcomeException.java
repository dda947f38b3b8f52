package dev.syncline.api;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An {@link Outcome}, thrown where a return is out of reach. Carries no stack trace unless it has a cause: it is an
 * answer, not a fault. Made by {@link Outcome#asException()}.
 */
public final class OutcomeException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Outcome outcome;

    OutcomeException(Outcome outcome, @Nullable Throwable cause) {
        super(Objects.requireNonNull(outcome).toString(), cause, true, cause != null);
        this.outcome = outcome;
    }

    /** What the handler said. */
    public Outcome outcome() {
        return outcome;
    }
}
