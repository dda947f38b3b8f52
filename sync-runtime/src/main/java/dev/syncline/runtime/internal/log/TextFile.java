package dev.syncline.runtime.internal.log;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A small file of text that is read and replaced whole. {@code toString} names it for people. */
public interface TextFile {

    /** A file on disk. */
    static TextFile at(Path path) {
        return new TextFile() {
            @Override
            public @Nullable String read() throws IOException {
                try {
                    return Files.readString(path, StandardCharsets.UTF_8);
                } catch (NoSuchFileException none) {
                    return null;
                }
            }

            @Override
            public FileIdentity identity() throws IOException {
                return Files.exists(path) ? FileIdentity.of(path) : FileIdentity.NONE;
            }

            @Override
            public void write(Function<FileIdentity, String> text) throws IOException {
                SmallFile.write(path, draft -> text.apply(FileIdentity.ofNew(draft)));
            }

            @Override
            public String toString() {
                return path.toString();
            }
        };
    }

    /** All of it; null if it is not there. */
    @Nullable
    String read() throws IOException;

    /** Which file it is: another one after each {@link #write}, and another one than each of its copies. */
    FileIdentity identity() throws IOException;

    /**
     * Replaces it; returns once it survives a power failure.
     *
     * @param text what to write, by the identity that the new file will have
     */
    void write(Function<FileIdentity, String> text) throws IOException;
}
