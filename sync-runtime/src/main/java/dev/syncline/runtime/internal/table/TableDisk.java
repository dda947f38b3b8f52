package dev.syncline.runtime.internal.table;

import java.io.IOException;
import java.nio.file.Path;

/** What a table does with files: each call is one step, after which the process may be gone. */
interface TableDisk {

    /** Makes a file of zeros, its blocks taken from the file system, and maps it. */
    Region create(Path file, int bytes) throws IOException;

    /** Maps all of a file. */
    Region map(Path file, int bytes) throws IOException;

    /** Makes all of the region survive a power failure. */
    void force(Region region) throws IOException;

    /** Puts the draft in the file's place. */
    void replace(Path draft, Path file) throws IOException;

    /** Makes the names in the directory survive a power failure. */
    void forceNames(Path directory) throws IOException;
}
