package dev.syncline.runtime.internal.park;

import dev.syncline.api.OutboxException;

/** One event does not fit into an entry of the log; nothing was stored, others still can be. */
public final class LetterTooLargeException extends OutboxException {

    private static final long serialVersionUID = 1L;

    LetterTooLargeException(String message) {
        super(message);
    }
}
