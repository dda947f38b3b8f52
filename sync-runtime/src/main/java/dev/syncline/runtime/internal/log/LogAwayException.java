package dev.syncline.runtime.internal.log;

import dev.syncline.api.OutboxException;
import org.jspecify.annotations.Nullable;

/**
 * A log that lies elsewhere does not answer just now. Nothing is wrong with it and it goes on when it is back: what was
 * appended and not forced yet is forced by a later call.
 */
public final class LogAwayException extends OutboxException {

    private static final long serialVersionUID = 1L;

    /** Makes the exception. */
    public LogAwayException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
