package dev.syncline.testkit.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Directories that live as long as a fixture; its {@link Watchdog} deletes them. */
final class TempDirectory {

    private TempDirectory() {}

    static Path create(String kind) {
        try {
            return Files.createTempDirectory("syncline-" + kind + "-").toAbsolutePath();
        } catch (IOException e) {
            throw new ServerException("cannot create a temporary directory", e);
        }
    }
}
