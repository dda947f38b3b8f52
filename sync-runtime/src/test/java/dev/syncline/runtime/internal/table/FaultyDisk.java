package dev.syncline.runtime.internal.table;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A disk that is full when told, and a process that dies before a given step or store: by an error that nobody catches. */
final class FaultyDisk implements TableDisk {

    /** The process is gone. */
    static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    boolean isFull;

    /** Steps and stores that are still done. */
    long left = Long.MAX_VALUE;

    private void step() {
        if (left-- <= 0) {
            throw new Killed();
        }
    }

    @Override
    public Region create(Path file, int bytes) throws IOException {
        step();
        if (isFull) {
            throw new IOException("No space left on device");
        }
        MappedDisk.INSTANCE.create(file, bytes);
        return map(file, bytes);
    }

    @Override
    public Region map(Path file, int bytes) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return new FaultyRegion(channel.map(MapMode.READ_WRITE, 0, bytes));
        }
    }

    @Override
    public void force(Region region) {
        step();
        region.force();
    }

    @Override
    public void replace(Path draft, Path file) throws IOException {
        step();
        MappedDisk.INSTANCE.replace(draft, file);
    }

    @Override
    public void forceNames(Path directory) throws IOException {
        step();
        MappedDisk.INSTANCE.forceNames(directory);
    }

    private final class FaultyRegion extends Region {

        FaultyRegion(MappedByteBuffer buffer) {
            super(buffer);
        }

        @Override
        void set(int at, long word) {
            step();
            super.set(at, word);
        }
    }
}
