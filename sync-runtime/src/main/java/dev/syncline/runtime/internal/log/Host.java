package dev.syncline.runtime.internal.log;

import dev.syncline.api.OutboxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/**
 * What a log asks the machine.
 *
 * @param nanoTime elapsed time
 * @param epochMillis wall time, for file names and nothing else
 * @param usableBytes free space on the volume
 * @param disk makes things survive a power failure
 */
record Host(LongSupplier nanoTime, LongSupplier epochMillis, LongSupplier usableBytes, Disk disk) {

    /** Waits for the drive. */
    interface Disk {

        /** The contents of a file. */
        void force(DiskFile file) throws IOException;

        /** The names in a directory. */
        void forceNames(Path directory) throws IOException;
    }

    private static final Disk REAL = new Disk() {
        @Override
        public void force(DiskFile file) throws IOException {
            file.force();
        }

        @Override
        public void forceNames(Path directory) throws IOException {
            SmallFile.forceDirectory(directory);
        }
    };

    static Host of(Path directory) throws IOException {
        var store = Files.getFileStore(directory);
        return new Host(
                System::nanoTime,
                System::currentTimeMillis,
                () -> {
                    try {
                        return store.getUsableSpace();
                    } catch (IOException e) {
                        throw new OutboxException("the free space at " + directory + " cannot be told: " + e, e);
                    }
                },
                REAL);
    }
}
