package dev.syncline.testkit.server;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** Directories that live as long as a fixture. */
final class TempDirectory {

    private TempDirectory() {}

    static Path create(String kind) {
        try {
            return Files.createTempDirectory("syncline-" + kind + "-").toAbsolutePath();
        } catch (IOException e) {
            throw new ServerException("cannot create a temporary directory", e);
        }
    }

    /** Deletes it with all that it holds. What cannot be deleted stays: no test fails for that. */
    static void delete(Path directory) {
        try {
            Files.walkFileTree(directory, new Deletion());
        } catch (IOException e) {
            // Each failure was passed over by the visitor; this one means that the directory is gone already.
        }
    }

    private static final class Deletion extends SimpleFileVisitor<Path> {

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            return delete(file);
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException failure) {
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure) {
            return delete(directory);
        }

        private static FileVisitResult delete(Path path) {
            try {
                Files.deleteIfExists(path);
            } catch (IOException e) {
                // Passed over, see above.
            }
            return FileVisitResult.CONTINUE;
        }
    }
}
