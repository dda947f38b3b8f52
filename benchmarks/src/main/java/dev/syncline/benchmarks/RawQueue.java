package dev.syncline.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.wire.DocumentContext;
import org.jspecify.annotations.Nullable;

/** A Chronicle queue as its manual uses it: no frame, no numbers, no lock; the baseline. */
final class RawQueue implements AutoCloseable {

    /** What Chronicle asks of the JVM when nobody opens it as the outbox does: for the forks that run it plain. */
    static final String OPENS = "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED";

    static final String EXPORTS_CHANNELS = "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED";
    static final String EXPORTS_CLEANERS = "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED";

    private final Path directory;
    private final boolean isForced;
    private final ChronicleQueue queue;
    private final ExcerptAppender appender;
    private @Nullable FileChannel file;
    private int cycle = -1;

    RawQueue(Path directory, boolean isForced) {
        this.directory = directory.resolve("raw");
        this.isForced = isForced;
        this.queue = SingleChronicleQueueBuilder.single(this.directory.toFile()).build();
        this.appender = queue.createAppender();
        this.appender.singleThreadedCheckDisabled(true);
    }

    synchronized long append(byte[] bytes) {
        try (DocumentContext document = appender.writingDocument()) {
            document.wire().bytes().write(bytes);
        }
        if (isForced) {
            force();
        }
        return appender.lastIndexAppended();
    }

    ExcerptTailer tailer() {
        var tailer = queue.createTailer();
        tailer.singleThreadedCheckDisabled(true);
        return tailer;
    }

    private void force() {
        try {
            if (cycle != appender.cycle()) {
                cycle = appender.cycle();
                if (file != null) {
                    file.close();
                }
                try (var files = Files.list(directory)) {
                    var newest = files.filter(path -> path.toString().endsWith(".cq4"))
                            .sorted()
                            .reduce((a, b) -> b)
                            .orElseThrow();
                    file = FileChannel.open(newest, StandardOpenOption.READ, StandardOpenOption.WRITE);
                }
            }
            Objects.requireNonNull(file).force(false);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
        queue.close();
    }
}
