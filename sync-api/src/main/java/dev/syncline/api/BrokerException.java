package dev.syncline.api;

import org.jspecify.annotations.Nullable;

/** A broker refused, or could not be reached. {@link #isRetryable()} separates waiting from giving up. */
public final class BrokerException extends SyncException {

    private static final long serialVersionUID = 1L;

    private final boolean retryable;
    private final boolean aboutMessage;
    private final boolean dataLost;

    private BrokerException(
            String message, boolean retryable, boolean aboutMessage, boolean dataLost, @Nullable Throwable cause) {
        super(message, cause);
        this.retryable = retryable;
        this.aboutMessage = aboutMessage;
        this.dataLost = dataLost;
    }

    /** The broker is away or busy: the same call may succeed later. */
    public static BrokerException retryable(String message, @Nullable Throwable cause) {
        return new BrokerException(message, true, false, false, cause);
    }

    /**
     * The broker has lost messages that it had confirmed, and takes others again: retryable, but what went there before
     * has to be sent again first.
     */
    public static BrokerException dataLost(String message, @Nullable Throwable cause) {
        return new BrokerException(message, true, false, true, cause);
    }

    /**
     * The broker refuses for good: denied, missing topic, wrong type. A person must change something; until then nothing
     * like it gets through.
     */
    public static BrokerException refused(String message, @Nullable Throwable cause) {
        return new BrokerException(message, false, false, false, cause);
    }

    /** The broker refuses one message for good, too large for it or invalid: others of its topic get through. */
    public static BrokerException refusedMessage(String message, @Nullable Throwable cause) {
        return new BrokerException(message, false, true, false, cause);
    }

    /** Whether it says something about one message, not about its topic or the broker; then it is refused for good. */
    public boolean isAboutMessage() {
        return aboutMessage;
    }

    /** Whether the broker has lost what it had confirmed. */
    public boolean isDataLost() {
        return dataLost;
    }

    /** Whether the same call may succeed later without anybody changing anything. */
    public boolean isRetryable() {
        return retryable;
    }
}
