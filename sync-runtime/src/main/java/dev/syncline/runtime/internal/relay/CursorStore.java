package dev.syncline.runtime.internal.relay;

import java.nio.file.Path;

/** Keeps how far each destination is; a crash leaves what was saved last, whole. */
public interface CursorStore {

    /** In the small file {@value CursorFile#NAME} of a data directory. */
    static CursorStore in(Path directory, boolean isForced) {
        return new CursorFile(directory, isForced);
    }

    /** What was saved last; {@link Cursors#NONE} if nothing was, or if it cannot be read any more. */
    Cursors load();

    /**
     * Saves.
     *
     * @throws dev.syncline.api.OutboxException if the disk fails; what was saved before is still there
     */
    void save(Cursors cursors);

    /** As {@link #save}, and what was saved survives a power failure, whether or not events do. */
    void saveForced(Cursors cursors);
}
