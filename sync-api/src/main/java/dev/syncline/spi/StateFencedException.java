package dev.syncline.spi;

/** The partition, or the log, was taken by another owner: whoever hears this has nothing to do with it any more. */
public final class StateFencedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Makes the exception. */
    public StateFencedException(String message) {
        super(message);
    }
}
