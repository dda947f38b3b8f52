package dev.syncline.runtime.internal.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;

/** Writes small files so that after a power failure there is either the old or the new one, whole. */
public final class SmallFile {

    private SmallFile() {}

    /** What is to be written into a file that was just made, and is given its name afterwards. */
    @FunctionalInterface
    interface Contents {
        String of(Path draft) throws IOException;
    }

    /** Replaces the file; returns once it survives a power failure. */
    public static void write(Path file, String text) throws IOException {
        write(file, draft -> text);
    }

    /** As {@link #write(Path, String)}, of a text in which stands which file it is in. */
    static void write(Path file, Contents contents) throws IOException {
        var directory = Objects.requireNonNull(file.toAbsolutePath().getParent(), "no file name");
        var draft = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(draft);
        Files.createFile(draft);
        var text = contents.of(draft);
        try (var out = DiskFile.toWrite(draft)) {
            out.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0);
            out.force();
        }
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        forceDirectory(directory);
    }

    /** Makes the names in a directory survive a power failure, where the system can. */
    public static void forceDirectory(Path directory) throws IOException {
        if (!directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return; // Windows opens no directory and keeps its names in a journal
        }
        try (var names = DiskFile.toRead(directory)) {
            names.force();
        }
    }
}
