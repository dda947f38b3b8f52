package dev.syncline.runtime.internal.relay;

/** Keeps how far each destination is; a crash leaves what was saved last, whole. */
interface CursorStore {

    /** What was saved last; {@link Cursors#NONE} if nothing was, or if it cannot be read any more. */
    Cursors load();

    /**
     * Saves.
     *
     * @throws dev.syncline.api.OutboxException if the disk fails; what was saved before is still there
     */
    void save(Cursors cursors);
}
