package dev.syncline.api;

import org.jspecify.annotations.Nullable;

/** Root of what Syncline throws. The message says what failed, for which id, and what to do. */
public abstract class SyncException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    SyncException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
