package dev.syncline.runtime.internal.park;

import dev.syncline.api.OutboxException;

/** A letter is not what was appended any more: the disk lost it. Others are as they were; it can still be closed. */
public final class LetterDamagedException extends OutboxException {

    private static final long serialVersionUID = 1L;

    LetterDamagedException(String message) {
        super(message);
    }
}
