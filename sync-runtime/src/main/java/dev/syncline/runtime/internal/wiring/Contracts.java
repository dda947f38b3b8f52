package dev.syncline.runtime.internal.wiring;

import dev.syncline.spi.Bytes;

/** What the application knows of each type and version; thread-safe. */
public interface Contracts {

    /**
     * Checks encoded data against the schema of its type and version; types without a schema pass.
     *
     * @throws dev.syncline.api.ContractException naming JSON pointers, never values
     */
    void check(String type, int dataVersion, String contentType, Bytes data);
}
