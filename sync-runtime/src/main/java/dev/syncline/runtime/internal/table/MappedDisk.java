package dev.syncline.runtime.internal.table;

import dev.syncline.runtime.internal.log.DiskFile;
import dev.syncline.runtime.internal.log.SmallFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * The file system. A file is closed as soon as it is mapped, so tables hold no descriptors; a mapping goes when the
 * garbage collector finds it unused.
 */
enum MappedDisk implements TableDisk {
    INSTANCE;

    private static final int STEP_BYTES = 64 << 10;

    @Override
    public Region create(Path file, int bytes) throws IOException {
        Files.deleteIfExists(file);
        Files.createFile(file);
        // written out, because on a full disk a store into a hole is a fault, too late to be told
        try (var out = DiskFile.toWrite(file)) {
            var zeros = ByteBuffer.allocate(Math.min(bytes, STEP_BYTES));
            for (int at = 0; at < bytes; at += zeros.capacity()) {
                out.write(zeros.clear().limit(Math.min(zeros.capacity(), bytes - at)), at);
            }
        }
        return map(file, bytes);
    }

    /** Whether or not the thread is interrupted, which would close the channel under the call. */
    @Override
    public Region map(Path file, int bytes) throws IOException {
        boolean wasInterrupted = Thread.interrupted();
        try {
            while (true) {
                try (var channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                    return new Region(channel.map(MapMode.READ_WRITE, 0, bytes));
                } catch (ClosedByInterruptException e) {
                    wasInterrupted |= Thread.interrupted();
                }
            }
        } finally {
            if (wasInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void force(Region region) {
        region.force();
    }

    @Override
    public void replace(Path draft, Path file) throws IOException {
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void forceNames(Path directory) throws IOException {
        SmallFile.forceDirectory(directory);
    }
}
