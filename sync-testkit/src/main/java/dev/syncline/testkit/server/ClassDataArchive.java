package dev.syncline.testkit.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;

/**
 * The loaded classes of a JVM in a file that halves the start of the next one with the same class path (AppCDS).
 *
 * <p>Where there is none yet, the first JVM writes it when it ends in an orderly way, which takes it 2 to 3 s once. A missing,
 * stale or foreign archive costs only time: the JVM says so and starts without.
 */
final class ClassDataArchive {

    private static final String SUFFIX = ".jsa";
    private static final int KEPT = 4;
    private static final int SIGTERM_EXIT = 143;

    private final String prefix;
    private final Path archive;
    private final Path draft;

    private ClassDataArchive(String prefix, Path archive, Path draft) {
        this.prefix = prefix;
        this.archive = archive;
        this.draft = draft;
    }

    /**
     * @param name of the program; each program's newest few archives are kept
     * @param classPath exactly as the JVM will have it, jars only
     * @param draft where this user of the archive writes it, if that falls to it
     */
    static ClassDataArchive of(String name, List<Path> classPath, Path draft) {
        String prefix = name + "-";
        return new ClassDataArchive(prefix, FixtureCache.directory().resolve(prefix + key(classPath) + SUFFIX), draft);
    }

    private static String key(List<Path> classPath) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            StringBuilder text = new StringBuilder(System.getProperty("java.home"))
                    .append('\n')
                    .append(System.getProperty("java.vm.version"));
            for (Path jar : classPath) {
                // The JVM checks the same two before it trusts an archive.
                text.append('\n')
                        .append(jar)
                        .append(' ')
                        .append(Files.size(jar))
                        .append(' ');
                text.append(Files.getLastModifiedTime(jar).toMillis());
            }
            byte[] hash = digest.digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 12);
        } catch (IOException | NoSuchAlgorithmException e) {
            throw new ServerException("cannot read the class path", e);
        }
    }

    /** True while there is no archive: the process started now should be ended in an orderly way. */
    boolean isMissing() {
        return isWanted() && !Files.exists(archive);
    }

    private static boolean isWanted() {
        return Boolean.parseBoolean(System.getProperty("syncline.test.cds", "true"));
    }

    List<String> flags() {
        if (!isWanted()) {
            return List.of();
        }
        return Files.exists(archive)
                ? List.of("-XX:SharedArchiveFile=" + archive, "-Xshare:auto")
                : List.of("-XX:ArchiveClassesAtExit=" + draft);
    }

    /** Takes over what a process has written that ended with this code. */
    void publish(int exitCode) {
        if (!Files.exists(draft)) {
            return;
        }
        try {
            if (exitCode == 0 || exitCode == SIGTERM_EXIT) {
                Path copy = Files.createTempFile(archive.getParent(), prefix, ".draft");
                Files.copy(draft, copy, StandardCopyOption.REPLACE_EXISTING);
                Files.setLastModifiedTime(copy, FileTime.from(Instant.now()));
                Files.move(copy, archive, StandardCopyOption.ATOMIC_MOVE);
                // Each class path has an archive of some 50 MB.
                FixtureCache.prune(prefix, SUFFIX, KEPT);
            }
            Files.delete(draft);
        } catch (IOException e) {
            // The next start takes a second more: no reason to fail a test.
        }
    }
}
