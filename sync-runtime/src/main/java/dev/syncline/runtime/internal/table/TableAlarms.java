package dev.syncline.runtime.internal.table;

import java.nio.file.Path;

/** What somebody should look at. Called by the thread that found it; must not block. */
@FunctionalInterface
public interface TableAlarms {

    /**
     * A table's file cannot be used; it was put aside under another name and the table begins empty: repeats of what it
     * knew are not recognised.
     *
     * @param putAside where it is now
     */
    void onDamaged(Path putAside, String why);
}
