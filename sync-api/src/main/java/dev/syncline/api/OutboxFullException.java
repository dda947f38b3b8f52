package dev.syncline.api;

/**
 * The outbox has no room: free space is under the reserve, or its own limit is reached. Nothing was stored. This is
 * back-pressure: try again later, when the broker has taken what waits, or after making room.
 */
public final class OutboxFullException extends OutboxException {

    private static final long serialVersionUID = 1L;

    /** Makes the exception. */
    public OutboxFullException(String message) {
        super(message);
    }
}
