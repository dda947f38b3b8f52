package dev.syncline.testkit.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where files that are made once are kept for the runs after: unpacked servers, class-data archives. */
final class FixtureCache {

    private static final String NAME = "syncline-testkit";

    private FixtureCache() {}

    /** The cache directory, created if need be: the one that a property names, or the user's own. */
    static Path directory() {
        @Nullable String chosen = System.getProperty("syncline.test.cache");
        try {
            return create(chosen == null ? userCaches().resolve(NAME) : Path.of(chosen));
        } catch (IOException e) {
            if (chosen != null) {
                throw new ServerException("cannot use the directory that syncline.test.cache names: " + chosen, e);
            }
            return inTemporaryDirectory();
        }
    }

    private static Path userCaches() {
        @Nullable String caches = System.getenv("XDG_CACHE_HOME");
        return caches != null && !caches.isBlank()
                ? Path.of(caches)
                : Path.of(System.getProperty("user.home"), ".cache");
    }

    /** For users without a home. What lies there is going to be run, so it must not be somebody else's. */
    private static Path inTemporaryDirectory() {
        String user = System.getProperty("user.name", "user");
        Path directory = Path.of(System.getProperty("java.io.tmpdir"), NAME + "-" + user);
        try {
            create(directory);
            Path ours = Files.createTempFile(directory, "owner", ".draft");
            boolean isOurs = Files.getOwner(directory).equals(Files.getOwner(ours));
            Files.delete(ours);
            if (isOurs) {
                return directory;
            }
        } catch (IOException e) {
            throw new ServerException("no directory to keep files in; name one with -Dsyncline.test.cache", e);
        }
        throw new ServerException(directory + " is not yours; name a directory with -Dsyncline.test.cache");
    }

    private static Path create(Path directory) throws IOException {
        Files.createDirectories(directory);
        if (!Files.isWritable(directory)) {
            throw new IOException(directory + " is not writable");
        }
        return directory.toAbsolutePath();
    }

    /**
     * Puts content under a name, all or nothing, unless a file of that name and size is there.
     *
     * @param content read only if it is needed
     */
    static Path keep(String name, long size, Content content, boolean executable) {
        Path directory = directory();
        Path target = directory.resolve(name);
        try {
            if (Files.exists(target) && Files.size(target) == size) {
                return target;
            }
            Path draft = Files.createTempFile(directory, name, ".draft");
            try {
                Files.write(draft, content.read());
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

    /**
     * Deletes all files whose names begin and end so, but the newest few. What another process deletes meanwhile is gone,
     * too.
     */
    static void prune(String prefix, String suffix, int kept) {
        try (Stream<Path> files = Files.list(directory())) {
            List<Path> found = files.filter(
                            file -> file.getFileName().toString().startsWith(prefix))
                    .filter(file -> file.toString().endsWith(suffix))
                    .sorted(Comparator.comparingLong(
                                    (Path file) -> file.toFile().lastModified())
                            .reversed())
                    .toList();
            for (Path old : found.subList(Math.min(kept, found.size()), found.size())) {
                Files.deleteIfExists(old);
            }
        } catch (IOException e) {
            // Too many files take room and do no other harm.
        }
    }

    interface Content {
        byte[] read() throws IOException;
    }
}
