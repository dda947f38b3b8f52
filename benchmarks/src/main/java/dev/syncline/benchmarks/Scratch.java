package dev.syncline.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/** A directory for one trial; the system property {@code syncline.benchmark.dir} says on which volume. */
final class Scratch implements AutoCloseable {

    private final Path path;

    Scratch() throws IOException {
        var parent = System.getProperty("syncline.benchmark.dir");
        path = parent == null
                ? Files.createTempDirectory("syncline-benchmark")
                : Files.createTempDirectory(Path.of(parent), "syncline-benchmark");
    }

    Path path() {
        return path;
    }

    @Override
    public void close() throws IOException {
        try (var files = Files.walk(path)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
