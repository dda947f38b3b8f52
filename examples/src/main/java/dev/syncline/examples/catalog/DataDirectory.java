package dev.syncline.examples.catalog;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * Where a run keeps its files.
 *
 * @param path it exists
 * @param isTemporary whether closing removes it with all that is in it
 */
record DataDirectory(Path path, boolean isTemporary) implements AutoCloseable {

    /** The directory asked for, or a temporary one for null. */
    static DataDirectory open(@Nullable Path asked) throws IOException {
        return asked == null
                ? new DataDirectory(Files.createTempDirectory("catalog-sync-"), true)
                : new DataDirectory(Files.createDirectories(asked), false);
    }

    @Override
    public void close() throws IOException {
        if (!isTemporary) {
            return;
        }
        try (var files = Files.walk(path)) {
            files.sorted(Comparator.reverseOrder()).forEach(DataDirectory::delete);
        } catch (UncheckedIOException failed) {
            throw failed.getCause();
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
