package dev.syncline.runtime.internal.envelope;

import org.jspecify.annotations.Nullable;

/**
 * The likeness of a failure that a logger may print: what it says of itself with control characters escaped and cut, its
 * frames, and its causes as far as anybody reads them. Suppressed failures are left out.
 */
final class PrintableFailure extends Exception {

    private static final long serialVersionUID = 1L;

    /** Causes of causes that are shown; a chain may be endless. */
    private static final int DEEPEST = 16;

    private PrintableFailure(String text, @Nullable Throwable cause) {
        super(text, cause, false, true);
    }

    static Throwable of(Throwable failure) {
        return of(failure, DEEPEST);
    }

    private static Throwable of(Throwable failure, int depth) {
        Throwable cause = null;
        var frames = new StackTraceElement[0];
        try {
            frames = failure.getStackTrace();
            cause = failure.getCause();
        } catch (RuntimeException | Error hostile) {
            // its class is all that can be said
        }
        var printable = new PrintableFailure(
                LogText.describe(failure), cause == null || depth == 0 ? null : of(cause, depth - 1));
        printable.setStackTrace(frames);
        return printable;
    }

    /** Without the name of this class, which is of no interest. */
    @Override
    @SuppressWarnings("OverrideThrowableToString") // getMessage would leave it in
    public String toString() {
        return String.valueOf(getMessage());
    }

    /** It gets the frames of another. */
    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
