package dev.syncline.verification.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/** A directory for one run, deleted at its end; {@code -Dsyncline.load.dir=…} says on which volume. */
public final class Scratch implements AutoCloseable {

    private final Path path;

    /** Makes it. */
    public Scratch() {
        try {
            var parent = System.getProperty("syncline.load.dir", System.getProperty("java.io.tmpdir", "."));
            path = Files.createTempDirectory(Path.of(parent), "syncline-load");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Where it is. */
    public Path path() {
        return path;
    }

    @Override
    public void close() {
        try (var files = Files.walk(path)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException failure) {
            Figures.line("%s could not be deleted: %s", path, failure);
        }
    }
}
