package dev.syncline.testkit.server;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The class path of the running tests, prepared so that child JVMs start in half the time: the first one that ends by itself
 * leaves an archive of the classes that it had loaded (AppCDS), and all later ones begin with that, also in later runs. The JVM
 * archives classes from jars only, so directories are packed first.
 *
 * <pre>{@code
 * SharedClasses classes = SharedClasses.ofTests("shop");
 * ChildJvm first = ChildJvm.of(ShopMain.class).classes(classes).start();
 * }</pre>
 *
 * <p>Immutable. Worth it for tests that start the same application many times: packing takes some 100 ms, writing the archive
 * 2 to 3 s.
 */
public final class SharedClasses {

    private static final int KEPT = 40;
    private static final String PREFIX = "classes-";
    private static final String SUFFIX = ".jar";

    private final String name;
    private final List<Path> classPath;

    private SharedClasses(String name, List<Path> classPath) {
        this.name = name;
        this.classPath = classPath;
    }

    /**
     * Prepares the class path of the running tests as it is now.
     *
     * @param name of the archive: applications that load different classes have one each
     */
    public static SharedClasses ofTests(String name) {
        if (!name.matches("[a-z][a-z0-9-]*")) {
            throw new IllegalArgumentException("an archive's name is [a-z][a-z0-9-]*, not " + name);
        }
        FixtureCache.prune(PREFIX, SUFFIX, KEPT); // first: what is needed now may be among the oldest, and is made anew
        List<Path> packed = new ArrayList<>();
        for (Path entry : TestClassPath.entries()) {
            if (Files.isDirectory(entry)) {
                packed.addAll(packed(entry));
            } else {
                packed.add(entry);
            }
        }
        return new SharedClasses(name, List.copyOf(packed));
    }

    /** The directory as a jar, whose name and time depend on nothing but its content; nothing if it is empty. */
    private static List<Path> packed(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            List<Path> all = files.filter(Files::isRegularFile).sorted().toList();
            if (all.isEmpty()) {
                return List.of();
            }
            ByteArrayOutputStream jar = new ByteArrayOutputStream();
            try (ZipOutputStream out = new ZipOutputStream(jar)) {
                out.setLevel(1);
                for (Path file : all) {
                    ZipEntry entry =
                            new ZipEntry(directory.relativize(file).toString().replace(File.separatorChar, '/'));
                    entry.setTime(0);
                    out.putNextEntry(entry);
                    Files.copy(file, out);
                }
            }
            byte[] bytes = jar.toByteArray();
            String hash = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes), 0, 12);
            return List.of(FixtureCache.keep(PREFIX + hash + SUFFIX, bytes.length, () -> bytes, false));
        } catch (IOException | NoSuchAlgorithmException e) {
            throw new ServerException("cannot pack " + directory, e);
        }
    }

    String classPath() {
        return classPath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }

    /**
     * The archive, for one JVM.
     *
     * @param draft where that JVM writes it, if there is none yet
     */
    ClassDataArchive archive(Path draft) {
        return ClassDataArchive.of(name, classPath, draft);
    }
}
