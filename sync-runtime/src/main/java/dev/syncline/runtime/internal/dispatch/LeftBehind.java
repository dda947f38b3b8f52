package dev.syncline.runtime.internal.dispatch;

/**
 * Takes a thread out of a lane that went on without it, up to its loop: what it comes back to belongs to another thread
 * by now, so nothing on the way may touch it.
 */
final class LeftBehind extends RuntimeException {

    private static final long serialVersionUID = 1;

    LeftBehind() {
        super("the lane has gone on without this thread", null, false, false);
    }
}
