package dev.syncline.api;

import org.jspecify.annotations.Nullable;

/** A broker refused, or could not be reached. {@link #isRetryable()} separates waiting from giving up. */
public final class BrokerException extends SyncException {

    private static final long serialVersionUID = 1L;

    private final boolean retryable;

    private BrokerException(String message, boolean retryable, @Nullable Throwable cause) {
        super(message, cause);
        this.retryable = retryable;
    }

    /** The broker is away or busy: the same call may succeed later. */
    public static BrokerException retryable(String message, @Nullable Throwable cause) {
        return new BrokerException(message, true, cause);
    }

    /** The broker refuses for good: denied, missing topic, too large, wrong type. A person must change something. */
    public static BrokerException refused(String message, @Nullable Throwable cause) {
        return new BrokerException(message, false, cause);
    }

    /** Whether the same call may succeed later without anybody changing anything. */
    public boolean isRetryable() {
        return retryable;
    }
}
