package dev.syncline.api;

import org.jspecify.annotations.Nullable;

/** The local disk, or the outbox on it, cannot be used. */
public class OutboxException extends SyncException {

    private static final long serialVersionUID = 1L;

    /** Makes the exception. */
    public OutboxException(String message) {
        this(message, null);
    }

    /** Makes the exception with a cause. */
    public OutboxException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
