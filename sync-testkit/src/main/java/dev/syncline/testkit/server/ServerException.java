package dev.syncline.testkit.server;

import org.jspecify.annotations.Nullable;

/**
 * A fixture could not do what it was asked: the server's package is missing, the process ended or never answered, a signal was
 * refused. The message quotes the last lines of the process's output where there is one, and says what to do where that is known.
 */
public final class ServerException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    ServerException(String message) {
        this(message, null);
    }

    ServerException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
