package dev.syncline.runtime.internal.log;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/**
 * What a log asks the machine.
 *
 * @param nanoTime elapsed time
 * @param epochMillis wall time, for file names and nothing else
 * @param usableBytes free space on the volume
 */
record Host(LongSupplier nanoTime, LongSupplier epochMillis, LongSupplier usableBytes) {

    static Host of(Path directory) throws IOException {
        var store = Files.getFileStore(directory);
        return new Host(System::nanoTime, System::currentTimeMillis, () -> {
            try {
                return store.getUsableSpace();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
