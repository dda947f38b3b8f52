package dev.syncline.testkit.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/** Where files that are made once are kept for the runs after: unpacked servers, class-data archives. */
final class FixtureCache {

    private FixtureCache() {}

    /** The cache directory, created if need be. */
    static Path directory() {
        @Nullable String chosen = System.getProperty("syncline.test.cache");
        if (chosen != null) {
            return create(Path.of(chosen));
        }
        try {
            @Nullable String caches = System.getenv("XDG_CACHE_HOME");
            Path base = caches != null && !caches.isBlank()
                    ? Path.of(caches)
                    : Path.of(System.getProperty("user.home"), ".cache");
            return create(base.resolve("syncline-testkit"));
        } catch (ServerException homeIsReadOnly) {
            String user = System.getProperty("user.name", "user");
            return create(Path.of(System.getProperty("java.io.tmpdir"), "syncline-testkit-" + user));
        }
    }

    /** Puts content under a name, all or nothing; whoever comes second leaves what is there. */
    static Path keep(String name, byte[] content, boolean executable) {
        Path directory = directory();
        Path target = directory.resolve(name);
        try {
            if (Files.exists(target) && Files.size(target) == content.length) {
                return target;
            }
            Path draft = Files.createTempFile(directory, name, ".draft");
            try {
                Files.write(draft, content);
                if (executable && !draft.toFile().setExecutable(true)) {
                    throw new IOException("cannot make " + draft + " executable");
                }
                Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(draft);
            }
            return target;
        } catch (IOException e) {
            throw new ServerException("cannot write " + target + "; -Dsyncline.test.cache names another directory", e);
        }
    }

    private static Path create(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new ServerException("cannot create the cache " + directory, e);
        }
        if (!Files.isWritable(directory)) {
            throw new ServerException("cannot write to the cache " + directory);
        }
        return directory.toAbsolutePath();
    }
}
