package dev.syncline.runtime.internal.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * An open file whose operations end whether or not their thread is interrupted. A plain {@code FileChannel} is closed
 * by the first interrupt, for all its users, and what was written is then in doubt. The interrupt is kept for the
 * caller.
 *
 * <p>Threading: any thread.
 */
public final class DiskFile implements AutoCloseable {

    private final Path path;
    private final StandardOpenOption[] options;
    private FileChannel channel;
    private boolean closed;

    private DiskFile(Path path, StandardOpenOption... options) throws IOException {
        this.path = path;
        this.options = options;
        this.channel = FileChannel.open(path, options);
    }

    public static DiskFile toRead(Path path) throws IOException {
        return new DiskFile(path, StandardOpenOption.READ);
    }

    public static DiskFile toWrite(Path path) throws IOException {
        return new DiskFile(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    public Path path() {
        return path;
    }

    /** Reads until the buffer is full or the file ends. */
    public void read(ByteBuffer into, long position) throws IOException {
        run(Operation.READ, into, position);
    }

    /** Writes all that remains. */
    public void write(ByteBuffer from, long position) throws IOException {
        run(Operation.WRITE, from, position);
    }

    /** Makes the contents survive a power failure. */
    public void force() throws IOException {
        run(Operation.FORCE, null, 0);
    }

    public void truncate(long size) throws IOException {
        run(Operation.TRUNCATE, null, size);
    }

    private enum Operation {
        READ,
        WRITE,
        FORCE,
        TRUNCATE
    }

    private void run(Operation operation, @Nullable ByteBuffer buffer, long position) throws IOException {
        boolean wasInterrupted = Thread.interrupted();
        int start = buffer == null ? 0 : buffer.position();
        try {
            while (true) {
                try {
                    apply(operation, open(), buffer, position - start);
                    return;
                } catch (AsynchronousCloseException e) {
                    // this thread was interrupted, or another that used the channel was: it is opened again
                    wasInterrupted |= Thread.interrupted();
                }
            }
        } finally {
            if (wasInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The buffer's position counts from {@code base}, so an operation that is begun again goes on where it was. */
    private static void apply(Operation operation, FileChannel channel, @Nullable ByteBuffer buffer, long base)
            throws IOException {
        if (operation == Operation.FORCE) {
            channel.force(false);
        } else if (operation == Operation.TRUNCATE) {
            channel.truncate(base);
        } else if (buffer != null) {
            while (buffer.hasRemaining()) {
                long at = base + buffer.position();
                int moved = operation == Operation.READ ? channel.read(buffer, at) : channel.write(buffer, at);
                if (moved < 0) {
                    return;
                }
            }
        }
    }

    private synchronized FileChannel open() throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
        if (!channel.isOpen()) {
            channel = FileChannel.open(path, options);
        }
        return channel;
    }

    @Override
    public synchronized void close() {
        closed = true;
        try {
            channel.close();
        } catch (IOException e) {
            // nothing depends on it: what had to be durable was forced
        }
    }
}
